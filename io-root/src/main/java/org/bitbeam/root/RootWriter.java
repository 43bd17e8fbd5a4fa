package org.bitbeam.root;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import org.bitbeam.columns.Schema;
import org.bitbeam.root.internal.file.Directories;
import org.bitbeam.root.internal.streamer.ClassLayout;
import org.bitbeam.root.internal.write.FileBuilder;
import org.bitbeam.root.internal.write.ObjectBuilder;
import org.bitbeam.root.internal.write.PathTarget;
import org.bitbeam.root.internal.write.WriteTarget;

/**
 * Writes a ROOT file. Nothing is to be seen under the final name before {@link #commit}; then the
 * whole file is there, synced to disk. The same content gives the same bytes: dates are fixed, the
 * UUID follows from the content. Closing without a commit takes everything back. Not safe for
 * several threads.
 */
public final class RootWriter implements Closeable {
  private final FileBuilder file;
  private boolean committed;

  private RootWriter(FileBuilder file) {
    this.file = file;
  }

  /**
   * Begins a file.
   *
   * @param path final name; an existing file is replaced at {@link #commit}
   * @param title of the file
   * @param compression of descriptions, and of baskets where a tree's options do not say otherwise
   */
  public static RootWriter create(Path path, String title, Compression compression)
      throws IOException {
    return create(PathTarget.create(path), title, compression);
  }

  /** Begins a file compressed with Zstandard, without a title. */
  public static RootWriter create(Path path) throws IOException {
    return create(path, "", Compression.ZSTD);
  }

  static RootWriter create(WriteTarget target, String title, Compression compression)
      throws IOException {
    try {
      return new RootWriter(new FileBuilder(target, title, compression));
    } catch (Throwable e) {
      target.abort();
      throw e;
    }
  }

  /** Leaves out bytes, so that tests reach positions that need 64 bits. */
  void leaveGap(long bytes) throws IOException {
    file.leaveGap(bytes);
  }

  /**
   * Begins a tree of new columns. Only one tree can be written at a time.
   *
   * @param path name, with the path of its directory in front: {@code folder/Events}
   * @param schema the columns, in this order; a description becomes the title of its branch
   * @throws UnsupportedRootException when a column is of a type that a TTree is not written with
   */
  public TreeWriter tree(String path, String title, Schema schema, TreeOptions options) {
    return new TreeWriter(file, path, title, schema, options);
  }

  /**
   * Begins an RNTuple of new columns. Only one tree or ntuple can be written at a time.
   *
   * @param path name, with the path of its directory in front: {@code folder/Events}
   * @param description for people
   * @param schema the columns, in this order; names must be free of dots, slashes and spaces
   */
  public NtupleWriter ntuple(
      String path, String description, Schema schema, NtupleOptions options) {
    return new NtupleWriter(file, path, description, schema, options);
  }

  /**
   * Writes a histogram ({@code TH1}, {@code TH2}, {@code TH3} of C, S, I, F and D, {@code
   * TProfile}, {@code TProfile2D}, {@code TProfile3D}), an efficiency ({@code TEfficiency}, with
   * ROOT's default options), a graph ({@code TGraph}, {@code TGraphErrors}, {@code
   * TGraphAsymmErrors}), a string ({@code TObjString}) or a {@code TNamed}. Moments of a histogram
   * are those of the centres of its bins; functions attached to it are not written.
   *
   * @param path name of the key, with the path of its directory in front
   * @throws UnsupportedRootException for objects of other classes
   * @throws IllegalArgumentException when numbers of bins and contents do not agree
   */
  public void object(String path, RootObject object) throws IOException {
    new ObjectBuilder(file).write(path, object);
  }

  /**
   * Copies an object of another file as it is, under the same path.
   *
   * @param path such as {@code folder/histogram;1}
   */
  public void copyObject(RootFile from, String path) throws IOException {
    Directories.Entry entry = from.entry(path);
    String context = from.name() + ": object " + path;
    byte[] record =
        from.records().bytes(context, entry.key().position(), entry.key().storedBytes());
    int slash = entry.path().lastIndexOf('/');
    file.copyObject(slash < 0 ? "" : entry.path().substring(0, slash), entry.key(), record);
    for (ClassLayout layout : from.ownClasses().layouts()) {
      file.describe(layout);
    }
  }

  /** Completes the file and shows it under its final name. */
  public void commit() throws IOException {
    file.finish();
    committed = true;
  }

  /** Takes everything back when the file was not committed. */
  @Override
  public void close() throws IOException {
    if (!committed) {
      file.abort();
    }
  }
}
