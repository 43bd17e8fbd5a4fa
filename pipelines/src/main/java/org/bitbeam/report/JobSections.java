package org.bitbeam.report;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.bitbeam.beam.DeadLetters.Letter;
import org.bitbeam.beam.InputFile;
import org.bitbeam.beam.Ledger;
import org.bitbeam.report.Block.Column;
import org.bitbeam.report.Block.Fact;
import org.bitbeam.report.Block.Facts;
import org.bitbeam.report.Block.Table;
import org.bitbeam.report.Block.Tiles;
import org.bitbeam.report.Block.Warning;
import org.bitbeam.runtime.BundleException;
import org.bitbeam.runtime.ModelBundle;

/** What every job has: how it went, its files, its model, where its outputs come from. */
final class JobSections {
  /** Longer lists are in the files beside the report. */
  private static final int MOST_ROWS = 200;

  private static final int MOST_CHARACTERS = 2_000;

  private JobSections() {}

  // ---- how it went

  static Section overview(JobFolder job) {
    long read = job.entries().stream().mapToLong(Ledger.Entry::entriesRead).sum();
    long written = job.entries().stream().mapToLong(Ledger.Entry::entriesWritten).sum();
    long bytes = job.entries().stream().mapToLong(Ledger.Entry::bytes).sum();
    List<Fact> facts = new ArrayList<>();
    facts.add(
        new Fact(
            "Status",
            job.badFiles() > 0
                ? "incomplete"
                : job.entries().isEmpty() ? "no output" : "complete"));
    facts.add(
        new Fact(
            "Files",
            Numbers.count(job.entries().size())
                + (job.badFiles() > 0
                    ? " of " + Numbers.count(job.entries().size() + onlyBad(job))
                    : "")));
    facts.add(new Fact("Entries in", Numbers.count(read)));
    facts.add(new Fact("Entries out", Numbers.count(written)));
    if (read != written) {
      facts.add(new Fact("Left out by --where", Numbers.count(read - written)));
    }
    if (job.counter("jets") > 0) {
      facts.add(new Fact("Jets", Numbers.count(job.counter("jets"))));
    }
    facts.add(new Fact("Output", Numbers.bytes(bytes)));
    double seconds = job.summary().path("seconds").asDouble();
    if (seconds > 0) {
      facts.add(new Fact("Time", Numbers.duration(seconds)));
    }
    List<Block> blocks = new ArrayList<>();
    blocks.add(new Tiles(facts));
    if (job.badFiles() > 0) {
      blocks.add(
          new Warning(
              Numbers.count(job.badFiles(), "file")
                  + " could not be processed, for the causes below. Mend what is wrong and run: bitbeam retry "
                  + job.folder()));
    }
    CounterNotes.of(job.counters(), "result")
        .forEach(note -> blocks.add(new Block.Text("Note: " + note + ".")));
    return new Section("Overview", blocks);
  }

  /** Inputs with dead letters and without an output of an earlier run. */
  private static long onlyBad(JobFolder job) {
    Set<String> inputs = job.letters().stream().map(Letter::input).collect(Collectors.toSet());
    job.entries().forEach(entry -> inputs.remove(entry.input()));
    return inputs.size();
  }

  // ---- what it cost

  static Section cost(JobFolder job) {
    JsonNode summary = job.summary();
    List<Block> blocks = new ArrayList<>();
    long entries = job.counter("entries");
    if (summary.path("steps").isEmpty()) {
      blocks.add(
          new Block.Text("Nothing is known of times: there is no " + JobReport.SUMMARY + "."));
      return new Section("Time and data", blocks);
    }
    List<List<String>> rows = new ArrayList<>();
    for (JsonNode step : summary.path("steps")) {
      double seconds = step.path("seconds").asDouble();
      long bytes = step.path("bytes").asLong();
      rows.add(
          List.of(
              step.path("name").asText(),
              Numbers.duration(seconds),
              entries == 0 ? "–" : Numbers.rounded(seconds * 1e3 / entries, 3),
              bytes == 0 ? "–" : Numbers.rounded(bytes / 1e6, 4),
              bytes == 0 || entries == 0 ? "–" : Numbers.rounded(bytes / 1e3 / entries, 3)));
    }
    blocks.add(
        new Table(
            "The last run processed "
                + Numbers.count(entries)
                + " entries in "
                + Numbers.duration(summary.path("seconds").asDouble())
                + ", start-up included; times of steps are summed over threads",
            List.of(
                Column.words("step"),
                Column.numbers("time"),
                Column.numbers("ms an entry"),
                Column.numbers("MB"),
                Column.numbers("kB an entry")),
            rows,
            false));
    List<List<String>> counters = new ArrayList<>();
    job.counters().forEach((name, count) -> counters.add(List.of(name, Numbers.count(count))));
    blocks.add(
        new Table(
            "All counters of the last run",
            List.of(Column.words("counter"), Column.numbers("count")),
            counters,
            true));
    return new Section("Time and data", blocks);
  }

  // ---- files

  static Section files(JobFolder job) {
    Map<String, List<Letter>> letters = new TreeMap<>();
    job.letters()
        .forEach(
            letter -> letters.computeIfAbsent(letter.input(), i -> new ArrayList<>()).add(letter));
    Map<String, List<String>> rows = new TreeMap<>();
    for (Ledger.Entry entry : job.entries()) {
      rows.put(
          entry.input(),
          List.of(
              InputFile.baseName(entry.input()),
              letters.containsKey(entry.input())
                  ? "failed; output is of an earlier run"
                  : job.isThere(entry) ? "complete" : "complete, but the output is gone",
              Numbers.count(entry.entriesRead()),
              Numbers.count(entry.entriesWritten()),
              Numbers.bytes(entry.bytes()),
              Integer.toString(entry.attempt()),
              entry.sha256().substring(0, Math.min(12, entry.sha256().length()))));
    }
    for (String input : letters.keySet()) {
      rows.putIfAbsent(
          input, List.of(InputFile.baseName(input), "failed", "–", "–", "–", "–", "–"));
    }
    // Those that failed come first.
    List<String> order = new ArrayList<>(letters.keySet());
    rows.keySet().stream().filter(input -> !letters.containsKey(input)).forEach(order::add);
    List<Block> blocks = new ArrayList<>();
    blocks.add(
        new Table(
            shown(order.size(), "file", "ledger.jsonl"),
            List.of(
                Column.words("input"),
                Column.words("status"),
                Column.numbers("entries in"),
                Column.numbers("out"),
                Column.numbers("output"),
                Column.numbers("attempt"),
                Column.words("SHA-256 begins")),
            order.stream().limit(MOST_ROWS).map(rows::get).toList(),
            false));
    if (!job.letters().isEmpty()) {
      blocks.add(deadLetters(job.letters()));
    }
    return new Section("Files", blocks);
  }

  private static Table deadLetters(List<Letter> letters) {
    return new Table(
        shown(letters.size(), "dead letter", "deadletter"),
        List.of(
            Column.words("input"),
            Column.words("step"),
            Column.words("entries"),
            Column.words("cause")),
        letters.stream()
            .limit(MOST_ROWS)
            .map(
                letter ->
                    List.of(
                        InputFile.baseName(letter.input()),
                        letter.step(),
                        letter.firstEntry() < 0
                            ? "whole file"
                            : Numbers.count(letter.firstEntry())
                                + " to "
                                + Numbers.count(letter.endEntry() - 1),
                        cut(letter.cause())))
            .toList(),
        false);
  }

  private static String shown(int count, String what, String where) {
    return count <= MOST_ROWS
        ? Numbers.count(count, what)
        : "the first " + MOST_ROWS + " of " + Numbers.count(count, what) + "; all are in " + where;
  }

  static String cut(String text) {
    return text.length() <= MOST_CHARACTERS ? text : text.substring(0, MOST_CHARACTERS) + " …";
  }

  // ---- the model

  static Section model(JobFolder job) {
    String path = job.summary().path("modelPath").asText("");
    String fingerprint = setting(job, "modelFingerprint");
    List<Block> blocks = new ArrayList<>();
    List<Fact> facts = new ArrayList<>();
    facts.add(new Fact("Model", setting(job, "model")));
    facts.add(new Fact("Backend", setting(job, "backend")));
    facts.add(new Fact("Fingerprint (SHA-256)", fingerprint));
    if (!path.isEmpty()) {
      try {
        ModelBundle bundle = ModelBundle.open(Path.of(path));
        if (bundle.fingerprint().equals(fingerprint)) {
          card(bundle, facts);
        } else {
          blocks.add(new Warning("The bundle at " + path + " is another one now: no card of it."));
        }
      } catch (IOException | BundleException e) {
        blocks.add(
            new Block.Text(
                "The bundle is not where it was: " + cut(String.valueOf(e.getMessage()))));
      }
    }
    blocks.add(0, new Facts(facts));
    return new Section("Model card", blocks);
  }

  /** What a bundle says of itself. */
  static void card(ModelBundle bundle, List<Fact> facts) {
    facts.add(new Fact("Description", cut(bundle.description())));
    facts.add(new Fact("Licence", bundle.licence()));
    facts.add(new Fact("Stage", bundle.stageKind()));
    facts.add(new Fact("Networks", String.join(", ", bundle.roles())));
    leaves("Trained for", bundle.stage().path("trainedFor"), facts);
    leaves("Measured", bundle.metrics(), facts);
    leaves("Training", bundle.training(), facts);
  }

  /** Values that are no lists, such as logs of epochs. */
  private static void leaves(String name, JsonNode node, List<Fact> facts) {
    if (node.isObject()) {
      node.fields()
          .forEachRemaining(
              field -> leaves(name + ": " + words(field.getKey()), field.getValue(), facts));
    } else if (node.isIntegralNumber()) {
      facts.add(new Fact(name, Numbers.count(node.asLong())));
    } else if (node.isNumber()) {
      facts.add(new Fact(name, Numbers.rounded(node.asDouble())));
    } else if (node.isValueNode()) {
      facts.add(new Fact(name, cut(node.asText())));
    }
  }

  private static String words(String key) {
    return key.replace('_', ' ');
  }

  // ---- provenance

  static Section provenance(JobFolder job) {
    List<Fact> facts = new ArrayList<>();
    Set<String> jobs = new TreeSet<>();
    job.entries().forEach(entry -> jobs.add(entry.job()));
    facts.add(new Fact("Folder", job.folder()));
    job.summary()
        .path("circumstances")
        .fields()
        .forEachRemaining(
            fact -> facts.add(new Fact(fact.getKey(), cut(fact.getValue().asText()))));
    facts.add(new Fact("job", jobs.isEmpty() ? "–" : String.join(", ", jobs)));
    List<Block> blocks = new ArrayList<>();
    blocks.add(new Facts(facts));
    if (jobs.size() > 1) {
      blocks.add(
          new Warning(
              "The folder holds outputs of jobs with different settings; below are those of the first."));
    }
    if (!job.entries().isEmpty()) {
      List<List<String>> rows = new ArrayList<>();
      new TreeMap<>(job.entries().get(0).settings())
          .forEach((name, value) -> rows.add(List.of(name, value.isEmpty() ? "–" : cut(value))));
      blocks.add(
          new Table(
              "Settings that the outputs depend on, as in the ledger",
              List.of(Column.words("setting"), Column.words("value")),
              rows,
              true));
    }
    return new Section("Provenance", blocks);
  }

  private static String setting(JobFolder job, String name) {
    String known = job.summary().path(name).asText("");
    return known.isEmpty() && !job.entries().isEmpty()
        ? job.entries().get(0).settings().getOrDefault(name, "–")
        : known;
  }
}
