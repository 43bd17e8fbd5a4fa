package org.bitbeam.cli;

import java.util.List;
import org.apache.beam.sdk.io.FileSystems;
import org.apache.beam.sdk.options.PipelineOptionsFactory;
import picocli.CommandLine.Option;

/** Options of commands that look into a folder of an object store without running a pipeline. */
final class StoreOptions {
  @Option(
      names = "--runner-option",
      paramLabel = "NAME=VALUE",
      description =
          "For DIR on s3://: how to reach it, as the job was told, such as awsRegion=eu-central-2; several times.")
  private List<String> more = List.of();

  /** Makes the file systems known, so that addresses of theirs can be read. */
  void register() {
    FileSystems.setDefaultPipelineOptions(
        PipelineOptionsFactory.fromArgs(more.stream().map(o -> "--" + o).toArray(String[]::new))
            .create());
  }
}
