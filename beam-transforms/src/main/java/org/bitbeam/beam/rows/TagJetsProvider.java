package org.bitbeam.beam.rows;

import java.util.List;
import org.apache.beam.sdk.schemas.transforms.SchemaTransform;
import org.apache.beam.sdk.schemas.transforms.TypedSchemaTransformProvider;
import org.bitbeam.beam.TagJets;

/**
 * Tags the jets of rows as {@link TagJets} does those of batches: adds {@code <jets>_qgQuarkScore}
 * and {@code <jets>_qgLogit}.
 */
public final class TagJetsProvider extends TypedSchemaTransformProvider<JetConfiguration> {

  @Override
  public String identifier() {
    return "beam:schematransform:org.bitbeam:tag_jets:v1";
  }

  @Override
  public String description() {
    return "Tags the jets of rows as quark or gluon: adds <jets>_qgQuarkScore and <jets>_qgLogit.";
  }

  @Override
  public List<String> inputCollectionNames() {
    return List.of(Ports.INPUT);
  }

  @Override
  public List<String> outputCollectionNames() {
    return List.of(Ports.OUTPUT);
  }

  @Override
  protected SchemaTransform from(JetConfiguration configuration) {
    TagJets tagger =
        TagJets.with(Bundles.open("tag_jets", configuration.model))
            .withBackend(configuration.backend())
            .withLayout(configuration.layout())
            .withJetPrefix(configuration.jets())
            .withMinimumPt(configuration.minPt())
            .withOutOfRange(configuration.outOfRange());
    return new StageRows("tag_jets", tagger.stageFactory(), false);
  }
}
