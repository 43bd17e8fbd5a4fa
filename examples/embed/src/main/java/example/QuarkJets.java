package example;

import java.io.IOException;
import java.nio.file.Path;
import org.apache.beam.sdk.Pipeline;
import org.apache.beam.sdk.options.Description;
import org.apache.beam.sdk.options.PipelineOptions;
import org.apache.beam.sdk.options.PipelineOptionsFactory;
import org.apache.beam.sdk.options.Validation.Required;
import org.apache.beam.sdk.transforms.Count;
import org.apache.beam.sdk.transforms.DoFn;
import org.apache.beam.sdk.transforms.MapElements;
import org.apache.beam.sdk.transforms.ParDo;
import org.apache.beam.sdk.io.TextIO;
import org.apache.beam.sdk.values.PCollection;
import org.apache.beam.sdk.values.TypeDescriptors;
import org.bitbeam.beam.ApplyStage;
import org.bitbeam.beam.InputFile;
import org.bitbeam.beam.OutputMode;
import org.bitbeam.beam.RootIO;
import org.bitbeam.beam.TagJets;
import org.bitbeam.columns.EventBatch;
import org.bitbeam.columns.FloatColumn;
import org.bitbeam.columns.ListColumn;
import org.bitbeam.runtime.ModelBundle;

/**
 * Tags the jets of ROOT files, writes the files with their scores, and counts from the same batches how many jets lie in each tenth of
 * the quark score.
 */
public final class QuarkJets {
  private QuarkJets() {}

  /** What this pipeline is told besides Beam's own options. */
  public interface Options extends PipelineOptions {
    @Description("ROOT files, a path or a pattern")
    @Required
    String getInput();

    void setInput(String input);

    @Description("Folder of the tagged files and of the counts")
    @Required
    String getOutput();

    void setOutput(String output);

    @Description("Folder of the model bundle")
    @Required
    String getModel();

    void setModel(String model);
  }

  public static void main(String[] args) throws IOException {
    Options options = PipelineOptionsFactory.fromArgs(args).withValidation().as(Options.class);
    Pipeline pipeline = Pipeline.create(options);

    TagJets tag = TagJets.with(ModelBundle.open(Path.of(options.getModel())));
    PCollection<InputFile> files = pipeline.apply(RootIO.match(options.getInput()));
    PCollection<EventBatch> tagged =
        files.apply(RootIO.read().withColumnsOf(tag.stageFactory())).apply(tag);

    tagged.apply(RootIO.write(files).to(options.getOutput() + "/").withMode(OutputMode.FRIEND));

    // A second job of the same pipeline: a stage of one's own.
    ApplyStage sum = ApplyStage.with(30f, ScalarSum::new);
    files
        .apply("ReadJets", RootIO.read().withColumnsOf(sum.stageFactory()))
        .apply(sum)
        .apply(
            "WriteSums",
            RootIO.write(files).to(options.getOutput() + "/sums/").withMode(OutputMode.FRIEND));
    tagged
        .apply("Tenths", ParDo.of(new Tenths()))
        .apply(Count.perElement())
        .apply(
            MapElements.into(TypeDescriptors.strings())
                .via(count -> count.getKey() + " " + count.getValue()))
        .apply(TextIO.write().to(options.getOutput() + "/tenths").withSuffix(".txt").withoutSharding());

    pipeline.run().waitUntilFinish();
  }

  /** The tenth of each jet's score: 0 for the most gluon-like, 9 for the most quark-like. */
  private static final class Tenths extends DoFn<EventBatch, Integer> {
    private static final long serialVersionUID = 1L;

    @ProcessElement
    public void tenths(@Element EventBatch batch, OutputReceiver<Integer> out) {
      ListColumn jets = (ListColumn) batch.column("Jet_qgQuarkScore");
      FloatColumn scores = (FloatColumn) jets.elements();
      for (int i = 0; i < scores.length(); i++) {
        float score = scores.get(i);
        if (!Float.isNaN(score)) { // jets without constituents have no score
          out.output(Math.min(9, (int) (10 * score)));
        }
      }
    }
  }
}
