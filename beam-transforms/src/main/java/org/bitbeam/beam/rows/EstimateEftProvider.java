package org.bitbeam.beam.rows;

import java.util.List;
import org.apache.beam.sdk.schemas.transforms.SchemaTransform;
import org.apache.beam.sdk.schemas.transforms.TypedSchemaTransformProvider;
import org.bitbeam.beam.EstimateEft;

/**
 * Adds to rows what {@link EstimateEft} adds to batches: decay-plane angles of jets, polynomials in
 * the Wilson coefficients.
 */
public final class EstimateEftProvider extends TypedSchemaTransformProvider<JetConfiguration> {

  @Override
  public String identifier() {
    return "beam:schematransform:org.bitbeam:estimate_eft:v1";
  }

  @Override
  public String description() {
    return "Estimates EFT parameters of rows: adds decay-plane angles of jets and polynomials in the Wilson coefficients.";
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
    EstimateEft estimator =
        EstimateEft.with(Bundles.open("estimate_eft", configuration.model))
            .withBackend(configuration.backend())
            .withLayout(configuration.layout())
            .withJetPrefix(configuration.jets())
            .withMinimumPt(configuration.minPt())
            .withOutOfRange(configuration.outOfRange());
    return new StageRows("estimate_eft", estimator.stageFactory(), false);
  }
}
