package org.bitbeam.root;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.bitbeam.columns.EventBatch;
import org.junit.jupiter.api.Test;

/** Friends against what ROOT reads from them ({@code made/make_friends.py}). */
class FriendsTest {
  @Test
  void friendsAreFoundAsRootFindsThem() throws IOException {
    JsonNode expected =
        new ObjectMapper().readTree(MadeFiles.FOLDER.resolve("friends.json").toFile());
    try (RootFile file = RootFile.open(MadeFiles.FOLDER.resolve("friends_main.root"));
        FriendFiles files = FriendFiles.in(MadeFiles.FOLDER)) {
      Dataset joined = file.datasetWithFriends("main", files);
      assertEquals(30, joined.entries());
      for (String friend : List.of("side", "bykey", "short", "runs")) {
        List<String> names = List.of("x", friend + ".x", friend + ".text");
        EventBatch whole = joined.read(names, 0, 30);
        List<Object> oneByOne = new ArrayList<>();
        for (int i = 0; i < 30; i++) {
          JsonNode value = expected.get(friend).get(i);
          Object x = Values.at(whole.column(friend + ".x"), i);
          Object text = Values.at(whole.column(friend + ".text"), i);
          if (friend.equals("side")) {
            assertEquals(value.get(0).asDouble(), x);
            assertEquals(value.get(1).asText(), text);
          } else {
            boolean has = !value.isNull();
            assertEquals(has ? List.of(value.get(0).asDouble()) : List.of(), x, friend + i);
            assertEquals(has ? List.of(value.get(1).asText()) : List.of(), text, friend + i);
          }
          oneByOne.add(Values.at(joined.read(names, i, i + 1).column(friend + ".x"), 0));
        }
        assertEquals(Values.all(whole.column(friend + ".x")), oneByOne);
        assertEquals(
            joined.schema().field(friend + ".x").orElseThrow().type(),
            whole.column(friend + ".x").type());
        int at = joined.columns().stream().map(ColumnInfo::name).toList().indexOf(friend + ".x");
        assertEquals(whole.column(friend + ".x"), joined.read(at, 0, 30));
      }
      assertEquals(joined.schema().size(), joined.columns().size());
      assertThrows(IllegalArgumentException.class, () -> joined.read(List.of("nobody.x"), 0, 1));
    }
  }

  @Test
  void linksAreReported() throws IOException {
    try (RootFile file = RootFile.open(MadeFiles.FOLDER.resolve("friends_main.root"));
        RootFile other = RootFile.open(MadeFiles.FOLDER.resolve("friends_other.root"))) {
      assertEquals(
          List.of(
              new DatasetLinks.Friend("side", "", "side"),
              new DatasetLinks.Friend("bykey", "friends_other.root", "folder/keyed"),
              new DatasetLinks.Friend("short", "friends_other.root", "short"),
              new DatasetLinks.Friend("runs", "friends_other.root", "runs")),
          file.dataset("main").links().friends());
      assertEquals(
          Optional.of(new DatasetLinks.Index("run", "event")),
          other.dataset("folder/keyed").links().index());
      assertEquals(Optional.empty(), other.dataset("short").links().index());
    }
  }

  @Test
  void keysThatOccurTwiceAreRefused() throws IOException {
    try (RootFile file = RootFile.open(MadeFiles.FOLDER.resolve("friends_main.root"))) {
      Dataset main = file.dataset("main");
      Friend friend = Friend.byIndex("side", file.dataset("side"), "run", "event");
      IllegalArgumentException error =
          assertThrows(IllegalArgumentException.class, () -> Dataset.joined(main, List.of(friend)));
      assertTrue(error.getMessage().contains("entries 0 and 1"), error.getMessage());
    }
  }
}
