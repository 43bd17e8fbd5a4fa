package org.bitbeam.beam;

import org.apache.beam.sdk.options.Default;
import org.apache.beam.sdk.options.Description;
import org.apache.beam.sdk.options.PipelineOptions;

/** Options of a pipeline that {@link RootIO} asks for. */
public interface RootOptions extends PipelineOptions {
  /** Into how many groups names and plans of files are spread over workers. */
  @Description(
      "Into how many groups RootIO spreads file names and read plans over workers; 0: each is a group of its own."
          + " For the DirectRunner, which works hard for each group: some times the number of threads."
          + " Events are spread by clusters in any case.")
  @Default.Integer(0)
  int getRootGroups();

  /** Sets it; 0 or a positive number. */
  void setRootGroups(int groups);

  /** The least that a read plan reads, in bytes of stored columns. */
  @Description(
      "The least that RootIO lets a worker read of a file at a time, in bytes as stored, where clusters allow."
          + " Small plans spread evenly over workers, large ones are cheaper for each event.")
  @Default.Long(4L << 20)
  long getRootPlanBytes();

  /** Sets it; a positive number. */
  void setRootPlanBytes(long bytes);

  /** Into how many read plans a file is cut, where that makes neither tiny nor huge ones. */
  @Description(
      "Into how many read plans RootIO cuts a file, if that makes them larger than rootPlanBytes; they are then of 32 MiB at"
          + " most where clusters allow, and a file has 64 of them at most. For the DirectRunner, which works hard for each"
          + " plan: some times the number of threads.")
  @Default.Integer(64)
  int getRootPlansPerFile();

  /** Sets it; a positive number. */
  void setRootPlansPerFile(int plans);
}
