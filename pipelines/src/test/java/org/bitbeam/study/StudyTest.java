package org.bitbeam.study;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import javax.xml.parsers.DocumentBuilderFactory;
import org.bitbeam.runtime.Backends;
import org.bitbeam.runtime.Tensor;
import org.bitbeam.runtime.onnx.OnnxWriter;
import org.bitbeam.runtime.published.PublishedNetworks;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;

/** A study of two small networks: counts by hand, all files, what is left out. */
class StudyTest {
  private static final int[] SIZES = {4, 8, 6};

  private static Subject subject(String name, int bits, double quality) {
    PublishedNetworks.Built built = PublishedNetworks.caloInn(SIZES, 2, bits, false);
    return new Subject(
        name, List.of(OnnxWriter.write(built.model())), built.parameters(), Map.of("auc", quality));
  }

  private static StudyResult study(StudyOptions options, Subject... subjects) throws Exception {
    return new Study(Backends.standard(), options, Optional.empty(), name -> {})
        .of(List.of(subjects));
  }

  @Test
  void countsAndTimesOfTwoNetworks() throws Exception {
    StudyResult result =
        study(
            new StudyOptions(List.of(1, 16), 2, 0.05, 10, true),
            subject("float", 0, 0.9),
            subject("bit", 2, 0.89));
    long weights = 2 * (4 * 8 + 8 * 6);
    long biases = 2 * (8 + 6);
    StudyResult.Row bit = result.networks().get(1);
    assertEquals(weights, bit.macs());
    assertEquals(weights, bit.bitMacs());
    assertEquals(0, result.networks().get(0).bitMacs());
    assertEquals(weights + biases, bit.parameters());
    assertEquals(4 * (weights + biases), bit.bytes().get("fp32"));
    assertEquals(4 * biases + weights / 4, bit.bytes().get("2 bit"));
    assertEquals(4 * biases + weights / 5, bit.bytes().get("1.6 bit"));
    assertTrue(bit.intOps() > 0 && bit.intOps() <= weights, bit.toString());
    assertEquals(4 * (4 + 2 * 6), bit.bytesOfEvent());
    for (StudyResult.Row row : result.networks()) {
      for (int batch : new int[] {1, 16}) {
        for (int cores : new int[] {1, 2}) {
          assertTrue(row.milliseconds(Study.BIT, batch, cores) > 0, row.toString());
          assertTrue(row.milliseconds(Study.ORT, batch, cores) > 0, row.toString());
        }
      }
    }
    assertTrue(bit.milliseconds("bit multiplied", 16, 1) > 0, bit.toString());
    assertTrue(
        bit.omitted().contains("bit native: not on this machine and JDK"),
        bit.omitted().toString());
    assertTrue(result.peaks().gigaflops() > 0.1 && result.peaks().gigabytes() > 0.1);
    assertFalse(result.machine().get("processor").isEmpty());
  }

  @Test
  void pagesAreComplete() throws Exception {
    StudyResult result =
        study(
            new StudyOptions(List.of(1, 4), 1, 0.02, 10, false),
            subject("a<b & c", 0, 0.9),
            subject("bit", 1, 0.89));
    Map<String, String> pages = StudyPages.of(result);
    assertEquals(List.of("roofline.svg", "speed-auc.svg", "study.md"), List.copyOf(pages.keySet()));
    for (String name : List.of("roofline.svg", "speed-auc.svg")) {
      Document picture =
          DocumentBuilderFactory.newInstance()
              .newDocumentBuilder()
              .parse(new ByteArrayInputStream(pages.get(name).getBytes(StandardCharsets.UTF_8)));
      List<String> texts = new ArrayList<>();
      for (int i = 0; i < picture.getElementsByTagName("text").getLength(); i++) {
        texts.add(picture.getElementsByTagName("text").item(i).getTextContent());
      }
      assertTrue(texts.stream().anyMatch(text -> text.startsWith("a<b & c")), texts.toString());
      assertTrue(picture.getElementsByTagName("circle").getLength() >= 2, name);
    }
    String speed = pages.get("speed-auc.svg");
    for (String engine : List.of(Study.BIT, Study.ORT, Study.ORT_INT8)) {
      assertTrue(speed.contains("<title>bit (" + engine + ")</title>"), speed);
      assertTrue(speed.contains(">" + engine + "</text>"), "in the legend: " + speed);
    }
    assertEquals(3, speed.split(">bit</text>", -1).length, "the name once, and in the legend");
    String page = pages.get("study.md");
    assertTrue(page.contains("| bit | 4 | 1 |"), page);
    assertTrue(page.contains("| in and out | quality |"), page);
    assertTrue(page.contains("| 64 | auc 0.8900 |"), page);
    assertTrue(page.contains("![speed-auc.svg](speed-auc.svg)"), page);
  }

  @Test
  void afterEachNetworkThereIsAResult() throws Exception {
    StudyOptions options = new StudyOptions(List.of(1), 1, 0.02, 10, false);
    List<Integer> rows = new ArrayList<>();
    StudyResult result =
        new Study(Backends.standard(), options, Optional.empty(), name -> {})
            .of(
                List.of(subject("first", 0, 0.9), subject("second", 2, 0.8)),
                soFar -> rows.add(soFar.networks().size()));
    assertEquals(List.of(1, 2), rows);
    assertEquals(2, result.networks().size());
  }

  @Test
  void whatIsAroundTheNetworksIsTimedWithThem() throws Exception {
    Set<Integer> asked = ConcurrentHashMap.newKeySet();
    List<String> engines = new ArrayList<>();
    Subject alone = subject("float", 0, 0.9);
    Subject whole =
        alone.withWhole(
            "whole",
            networks -> {
              engines.add(networks.toString());
              Map<String, Tensor> one = Subject.inputs(networks.get(0).inputs(), 1);
              return events -> {
                asked.add(events);
                for (int i = 0; i < events; i++) {
                  networks.get(0).run(one);
                }
              };
            });
    StudyResult.Row row =
        study(new StudyOptions(List.of(1, 16), 2, 0.02, 10, false), whole).networks().get(0);
    assertEquals("float (whole)", row.name());
    assertEquals(Set.of(1, 16), asked);
    assertEquals(2 * 3, engines.size(), "two batches, three engines");
    for (String engine : List.of(Study.BIT, Study.ORT, Study.ORT_INT8)) {
      assertTrue(row.milliseconds(engine, 16, 1) > 0, row.toString());
    }
  }

  @Test
  void anOnnxFileIsMeasuredAsItIs() {
    Subject known = subject("known", 2, 0.9);
    Subject file = Subject.ofNetwork("file", known.networks().get(0));
    assertEquals(known.parameters(), file.parameters());
    assertEquals(Map.of(), file.metrics());
  }

  @Test
  void passesThatWouldTakeTooLongAreNamed() throws Exception {
    StudyResult result =
        study(
            new StudyOptions(List.of(1, 1_000_000_000), 1, 0.02, 0.5, false),
            subject("bit", 1, 0.89));
    List<String> omitted = result.networks().get(0).omitted();
    assertTrue(
        omitted.stream().anyMatch(why -> why.startsWith("batch 1000000000: a pass would take")),
        omitted.toString());
  }

  @Test
  void optionsThatMakeNoSenseAreRefused() {
    assertThrows(
        IllegalArgumentException.class, () -> new StudyOptions(List.of(0), 1, 1, 1, false));
    assertThrows(
        IllegalArgumentException.class, () -> new StudyOptions(List.of(1), 0, 1, 1, false));
  }
}
