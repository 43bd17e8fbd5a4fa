package org.bitbeam.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.MissingNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.bitbeam.beam.DeadLetters.Letter;
import org.bitbeam.beam.Ledger;
import org.junit.jupiter.api.Test;

class JobSectionsTest {
  private static Ledger.Entry entry(int number) {
    String name = String.format("in/%05d.root", number);
    return new Ledger.Entry(
        "job", 1, name, "", 10, 7, 3, "out/none.root", 1, "abcdefabcdefabcdef", Map.of());
  }

  private static JobFolder job(int files, int letters) {
    List<Ledger.Entry> entries = new ArrayList<>();
    List<Letter> dead = new ArrayList<>();
    for (int i = 0; i < files; i++) {
      entries.add(entry(i));
    }
    for (int i = 0; i < letters; i++) {
      dead.add(new Letter("in/bad" + i + ".root", "read", 5, 10, "E", "x".repeat(100_000)));
    }
    return new JobFolder("out", entries, dead, MissingNode.getInstance());
  }

  private static Block.Table table(Section section, int number) {
    return (Block.Table) section.blocks().get(number);
  }

  @Test
  void longListsAreCutAndFailuresComeFirst() {
    Section files = JobSections.files(job(5_000, 150));
    Block.Table inputs = table(files, 0);
    assertEquals("the first 200 of 5,150 files; all are in ledger.jsonl", inputs.caption());
    assertEquals(200, inputs.rows().size());
    assertTrue(inputs.rows().subList(0, 150).stream().allMatch(row -> row.get(1).equals("failed")));
    assertEquals("00000.root", inputs.rows().get(150).get(0));
    assertEquals("complete, but the output is gone", inputs.rows().get(150).get(1));
    Block.Table letters = table(files, 1);
    assertEquals("150 dead letters", letters.caption());
    assertEquals("5 to 9", letters.rows().get(0).get(2));
    assertTrue(letters.rows().get(0).get(3).length() < 2_100, "causes are cut");
    String page = HtmlReport.render(new Report("t", "s", List.of(files)));
    assertTrue(page.length() < 1_000_000, "a page of " + page.length() + " characters");
  }

  @Test
  void overviewsAddUpAndSayWhatIsMissing() {
    Section overview = JobSections.overview(job(4, 2));
    List<Block.Fact> facts = ((Block.Tiles) overview.blocks().get(0)).facts();
    assertTrue(facts.contains(new Block.Fact("Status", "incomplete")));
    assertTrue(facts.contains(new Block.Fact("Files", "4 of 6")));
    assertTrue(facts.contains(new Block.Fact("Entries in", "40")));
    assertTrue(facts.contains(new Block.Fact("Entries out", "28")));
    assertTrue(facts.contains(new Block.Fact("Left out by --where", "12")));
    assertTrue(overview.blocks().get(1).toString().contains("2 files could not be processed"));
  }

  @Test
  void aJobThatLeftNothingHasAPage() {
    JobFolder nothing = job(0, 0);
    List<Section> sections =
        List.of(
            JobSections.overview(nothing),
            JobSections.cost(nothing),
            JobSections.files(nothing),
            JobSections.model(nothing),
            JobSections.provenance(nothing));
    String page = HtmlReport.render(new Report("t", "s", sections));
    assertTrue(page.contains("no output"));
    assertTrue(page.contains("there is no summary.json"));
  }
}
