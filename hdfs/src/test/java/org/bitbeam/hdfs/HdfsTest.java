package org.bitbeam.hdfs;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocatedFileStatus;
import org.apache.hadoop.fs.RemoteIterator;
import org.apache.hadoop.hdfs.MiniDFSCluster;
import org.bitbeam.remote.RemoteFilesTest;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** The main job with inputs and outputs on a Hadoop file system of one node, on loopback. */
class HdfsTest extends RemoteFilesTest {
  @TempDir static Path scratch;
  private static MiniDFSCluster cluster;
  private static FileSystem files;

  @BeforeAll
  static void start() throws IOException {
    Configuration configuration = new Configuration();
    configuration.set("hadoop.tmp.dir", scratch.toString());
    cluster =
        new MiniDFSCluster.Builder(configuration, scratch.resolve("dfs").toFile())
            .numDataNodes(1)
            .build();
    cluster.waitActive();
    files = cluster.getFileSystem();
  }

  @AfterAll
  static void stop() {
    if (cluster != null) {
      cluster.shutdown();
    }
  }

  @BeforeEach
  void empty() throws IOException {
    files.delete(new org.apache.hadoop.fs.Path("/phys"), true);
  }

  private static org.apache.hadoop.fs.Path path(String name) {
    return new org.apache.hadoop.fs.Path("/phys/" + name);
  }

  private static String server() {
    return "hdfs://localhost:" + cluster.getNameNodePort();
  }

  @Override
  protected String address(String name) {
    return server() + "/phys/" + name;
  }

  @Override
  protected String nowhere() {
    return server() + "/nowhere/*.root";
  }

  @Override
  protected List<String> options() {
    return List.of("--runner-option=hdfsConfiguration=[{\"fs.defaultFS\":\"" + server() + "\"}]");
  }

  @Override
  protected Map<String, String> environment() {
    return Map.of();
  }

  @Override
  protected String module() {
    return "hdfs";
  }

  @Override
  protected void put(String name, byte[] content) throws IOException {
    try (FSDataOutputStream out = files.create(path(name))) {
      out.write(content);
    }
  }

  @Override
  protected byte[] get(String name) throws IOException {
    try (FSDataInputStream in = files.open(path(name))) {
      return in.readAllBytes();
    }
  }

  @Override
  protected void delete(String name) throws IOException {
    files.delete(path(name), false);
  }

  @Override
  protected List<String> names(String folder) throws IOException {
    List<String> names = new ArrayList<>();
    if (files.exists(path(folder))) {
      String prefix = path(folder) + "/";
      RemoteIterator<LocatedFileStatus> all = files.listFiles(path(folder), true);
      while (all.hasNext()) {
        names.add(all.next().getPath().toUri().getPath().substring(prefix.length()));
      }
    }
    return names.stream().sorted().toList();
  }
}
