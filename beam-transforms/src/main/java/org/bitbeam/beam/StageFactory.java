package org.bitbeam.beam;

import java.io.Serializable;
import org.bitbeam.physics.Stage;

/** What travels to the workers so that they can make a stage there. */
public interface StageFactory extends Serializable {

  /** Makes the stage; heavy parts are shared with other users in this JVM. */
  OpenStage open();

  /** A stage in use. */
  interface OpenStage extends AutoCloseable {
    /** The stage; safe to use from several threads. */
    Stage stage();

    /** Gives back what the stage holds. */
    @Override
    void close();
  }
}
