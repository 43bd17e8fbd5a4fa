package org.bitbeam.physics.filter;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.bitbeam.columns.ArrayColumn;
import org.bitbeam.columns.BooleanColumn;
import org.bitbeam.columns.Column;
import org.bitbeam.columns.EventBatch;
import org.bitbeam.columns.FloatColumn;
import org.bitbeam.columns.IntColumn;
import org.bitbeam.columns.ListColumn;
import org.bitbeam.columns.LongColumn;
import org.bitbeam.columns.OptionalColumn;
import org.bitbeam.columns.Origin;
import org.bitbeam.columns.Schema;
import org.bitbeam.columns.TextColumn;
import org.bitbeam.physics.EventDataException;
import org.bitbeam.physics.Stage;
import org.bitbeam.physics.StageCounter;
import org.bitbeam.root.Dataset;
import org.bitbeam.root.RootFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class EntryFilterTest {
  /** Expression, number of entries and sum of their numbers by awkward-array. */
  static Stream<String> expected() throws IOException {
    try (InputStream in = EntryFilterTest.class.getResourceAsStream("/filter_counts.tsv")) {
      return new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8).lines();
    }
  }

  @ParameterizedTest
  @MethodSource("expected")
  void choosesWhatAwkwardArrayChooses(String line) throws IOException {
    String[] facts = line.split("\t", -1);
    try (RootFile root = RootFile.open(Path.of("../samples/events_sample.root"))) {
      Dataset events = root.dataset("Events");
      EntryFilter filter = EntryFilter.of(facts[0], events.schema());
      EventBatch all = events.read(filter.columns(), 0, events.entries());
      BitSet kept = filter.kept(all);
      assertEquals(Long.parseLong(facts[1]), kept.cardinality());
      assertEquals(Long.parseLong(facts[2]), kept.stream().asLongStream().sum());
      BitSet piecewise = new BitSet();
      for (int from = 0; from < all.entries(); from += 7) {
        int start = from;
        filter.kept(all.slice(from, Math.min(all.entries(), from + 7))).stream()
            .forEach(i -> piecewise.set(start + i));
      }
      assertEquals(kept, piecewise);
    }
  }

  private static EventBatch batch() {
    Schema schema = new Schema(List.of());
    List<Column> columns =
        List.of(
            IntColumn.of(1, 0, 2),
            ListColumn.of(new int[] {0, 1, 1, 3}, FloatColumn.of(50, 30, 20)),
            TextColumn.of(List.of("a", "bb", "")),
            BooleanColumn.of(true, false, true),
            ArrayColumn.of(2, 3, IntColumn.of(1, 2, 3, 4, 5, 6)),
            LongColumn.ofUnsigned(1, -1, 3),
            OptionalColumn.of(new int[] {0, 0, 1, 1}, FloatColumn.of(1)),
            ListColumn.of(
                new int[] {0, 1, 1, 2},
                ListColumn.of(new int[] {0, 2, 3}, FloatColumn.of(1, 2, 3))),
            ListColumn.of(new int[] {0, 1, 1, 3}, FloatColumn.of(50, 30, 20)),
            FloatColumn.of(Float.NaN, 1, -1));
    List<String> names =
        List.of(
            "nJet", "Jet_pt", "tag", "HLT", "pair", "big", "maybe", "nested", "Jet/Jet.PT", "x");
    for (int i = 0; i < names.size(); i++) {
      schema = schema.with(Schema.Field.of(names.get(i), columns.get(i).type()));
    }
    return EventBatch.of(new Origin("a.root", "id", "Events", 1000), schema, columns, 3);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "HLT ; {0, 2}",
        "tag == 'bb' || tag.startsWith('a') ; {0, 1}",
        "size(tag) == 0 ; {2}",
        "pair[1] > 3 && size(pair) == 2 ; {1, 2}",
        "nJet > 0 && Jet_pt[nJet - 1] == 20.0 ; {2}",
        "Jet_pt.exists_one(p, p > 25.0) ; {0, 2}",
        "20.0 in Jet_pt ; {2}",
        "nested.exists(inner, inner.exists(v, v == 3.0)) ; {2}",
        "size(nested) > 0 && nested[0][0] == 1.0 ; {0}",
        "column(\"Jet/Jet.PT\").exists(p, p >= 50) ; {0}",
        "nJet in [0, 2] ? true : HLT ; {0, 1, 2}",
        "x > 0.0 ; {1}",
        "!(x > 0.0) ; {0, 2}",
        "Jet_pt[0] > 0.0 && size(Jet_pt) > 0 ; {0, 2}"
      })
  void knowsNumbersBoolsStringsListsAndArrays(String expression, String kept) {
    EntryFilter filter = EntryFilter.of(expression, batch().schema());
    assertEquals(kept, filter.kept(batch()).toString());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "nJet >= | character 8",
        "nJett > 2 | no column \"nJett\"; there are: nJet, Jet_pt",
        "nJet | expected type 'bool' but found 'int'",
        "nJet / 2.0 > 1.0 | nJet is int32",
        "Jet_pt > 3.0 | Jet_pt is list<float32>",
        "tag > 3 | tag is string",
        "maybe > 1.0 | column maybe is optional<float32>",
        "nJet.getClass() == 1 | getClass",
        "java.lang.Runtime.getRuntime().exec('x') == 1 | no column \"java\"",
        "Jet_pt.map(p, p + 1.0)[0] > 1.0 | 'map'",
        "tag + tag == 'aa' | '_+_'",
        "(Jet_pt + Jet_pt)[0] > 1.0 | lists cannot be joined",
        "dyn(tag) > 3 | 'dyn'",
        "column(tag) == 'a' | 'column'",
        "duration('1s') > duration('2s') | 'duration'"
      })
  void saysBeforehandWhatIsWrong(String expression, String said) {
    Exception e =
        assertThrows(
            IllegalArgumentException.class,
            () -> EntryFilter.of(expression, batch().schema()).columns());
    assertTrue(e.getMessage().contains("filter \"" + expression + "\""), e.getMessage());
    assertTrue(e.getMessage().contains(said), e.getMessage());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "Jet_pt[0] > 1.0 | 1001",
        "Jet_pt[1] > 1.0 | 1000",
        "Jet_pt[-1] > 1.0 | 1000",
        "big > 5 | 1001",
        "1 / nJet == 1 | 1001",
        "nJet * 9223372036854775807 > 1 | 1002"
      })
  void namesTheEntryThatHasNoValue(String expression, String entry) {
    EntryFilter filter = EntryFilter.of(expression, batch().schema());
    Exception e = assertThrows(EventDataException.class, () -> filter.kept(batch()));
    assertTrue(
        e.getMessage().startsWith("a.root: Events, entry " + entry + ": filter \"" + expression),
        e.getMessage());
  }

  /** Expressions that would take all memory or time, if they were evaluated. */
  static Stream<String> hostile() {
    String ones = "[1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1]";
    StringBuilder nested = new StringBuilder("nJet > 0");
    for (int i = 0; i < 12; i++) {
      nested.insert(0, ones + ".all(i" + i + ", ").append(")");
    }
    StringBuilder doubled = new StringBuilder("'a' == 'b'");
    for (int i = 0; i < 60; i++) {
      doubled.insert(0, "[s + s].exists(s, ").append(")");
    }
    return Stream.of(
        nested.toString(),
        "['ab'].exists(s, " + doubled + ")",
        "(".repeat(2000) + "HLT" + ")".repeat(2000),
        "!".repeat(3001) + "HLT",
        "HLT" + " && HLT".repeat(1000),
        "'" + "a".repeat(3000) + "b'.matches('" + "(a*)*".repeat(100) + "c')",
        "tag.matches('(((a{1000}){1000}){1000})')",
        "-".repeat(3000) + "nJet > 0",
        "\0",
        "",
        "\"",
        "'''",
        "nJet\u202e > 0",
        "\uD800 > 1");
  }

  @ParameterizedTest
  @MethodSource("hostile")
  @Timeout(60)
  void refusesWhatWouldTakeTooMuch(String expression) {
    try {
      EntryFilter.of(expression, batch().schema()).kept(batch());
    } catch (IllegalArgumentException | EventDataException e) {
      assertTrue(e.getMessage().contains("filter \""), e.getMessage());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"__result__ == 1", "@result == 1", "Jet_pt.all(nJet, nJet > 1.0)"})
  void namesOfItsOwnAreNoColumns(String expression) {
    if (expression.startsWith("Jet")) {
      assertEquals(List.of("Jet_pt"), EntryFilter.of(expression, batch().schema()).columns());
    } else {
      assertThrows(
          IllegalArgumentException.class,
          () -> EntryFilter.of(expression, batch().schema()).columns());
    }
  }

  /** Adds a number that tells the entry; refuses x of -1. */
  private static final class Doubled implements Stage {
    @Override
    public List<String> inputs(Schema dataset) {
      return List.of("x");
    }

    @Override
    public List<Schema.Field> outputs(Schema dataset) {
      return List.of(Schema.Field.of("twice", FloatColumn.of().type()));
    }

    @Override
    public EventBatch apply(EventBatch batch, StageCounter counter) {
      float[] twice = new float[batch.entries()];
      for (int i = 0; i < twice.length; i++) {
        twice[i] = 2 * ((FloatColumn) batch.column("x")).get(i);
        if (twice[i] == -2) {
          throw new EventDataException(batch.origin(), i, "x is -1");
        }
      }
      counter.add("seen", twice.length);
      return batch.with(outputs(batch.schema()).get(0), FloatColumn.of(twice));
    }
  }

  @Test
  void aStageSeesOnlyWhatIsKept() {
    FilteredStage stage = new FilteredStage("nJet < 2 && tag != 'a'", new Doubled());
    assertEquals(List.of("x", "nJet", "tag"), stage.check(batch().schema()));
    StringBuilder counted = new StringBuilder();
    EventBatch done =
        stage.apply(batch(), (name, amount) -> counted.append(name).append(amount).append(' '));
    assertEquals("seen1 entriesFiltered2 ", counted.toString());
    assertEquals(
        OptionalColumn.of(new int[] {0, 0, 1, 1}, FloatColumn.of(2)), done.column("twice"));
    assertEquals(batch(), done.select(batch().schema().names()));
    assertEquals(
        stage.outputs(batch().schema()).get(0), done.schema().field("twice").orElseThrow());
  }

  @Test
  void errorsOfTheStageNameTheEntryOfTheFile() {
    FilteredStage stage = new FilteredStage("nJet != 1", new Doubled());
    EventDataException e = assertThrows(EventDataException.class, () -> stage.apply(batch()));
    assertEquals("a.root: Events, entry 1002: x is -1", e.getMessage());
  }
}
