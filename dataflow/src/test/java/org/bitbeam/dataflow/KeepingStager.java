package org.bitbeam.dataflow;

import com.google.api.services.dataflow.model.DataflowPackage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.apache.beam.runners.dataflow.options.DataflowPipelineOptions;
import org.apache.beam.runners.dataflow.util.PackageUtil.StagedFile;
import org.apache.beam.runners.dataflow.util.Stager;
import org.apache.beam.sdk.options.PipelineOptions;

/**
 * Keeps in the template's folder what would go to the cloud: {@value #GRAPH}, the portable graph,
 * and {@value #FILES}, the names of all files of the class path.
 */
public final class KeepingStager implements Stager {
  static final String GRAPH = "pipeline.pb";
  static final String FILES = "staged.txt";

  private final Path folder;

  private KeepingStager(Path folder) {
    this.folder = folder;
  }

  /** Beam makes it so. */
  public static KeepingStager fromOptions(PipelineOptions options) {
    String template = options.as(DataflowPipelineOptions.class).getTemplateLocation();
    return new KeepingStager(Path.of(template).getParent());
  }

  @Override
  public List<DataflowPackage> stageFiles(List<StagedFile> files) {
    write(
        FILES,
        files.stream()
            .map(StagedFile::getSource)
            .collect(Collectors.joining("\n"))
            .getBytes(java.nio.charset.StandardCharsets.UTF_8));
    List<DataflowPackage> packages = new ArrayList<>();
    for (StagedFile file : files) {
      packages.add(staged(file.getDestination()));
    }
    return packages;
  }

  @Override
  public DataflowPackage stageToFile(byte[] bytes, String baseName) {
    write(baseName, bytes);
    return staged(baseName);
  }

  private static DataflowPackage staged(String name) {
    return new DataflowPackage().setName(name).setLocation("gs://nowhere/staging/" + name);
  }

  private void write(String name, byte[] bytes) {
    try {
      Files.write(folder.resolve(name), bytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
