package dev.cartera.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.gson.JsonParser;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PatternTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{'a': 1} | {'a': 1, 'b': 2} | true",
        "{'a': 1} | {'b': 2} | false",
        "{'a': 1} | [1] | false",
        "{'a': null} | {} | false",
        "[1, 2] | [1, 2] | true",
        "[1, 2] | [2, 1] | false",
        "[1] | [1, 2] | false",
        "7 | '7' | true",
        "'7' | 7 | true",
        "7 | 7.0 | true",
        "7 | 8 | false",
        "true | 'true' | false",
        "'A' | 'a' | false",
        "{'a': {'$present': true}} | {'a': 'x'} | true",
        "{'a': {'$present': true}} | {'a': '0'} | false",
        "{'a': {'$present': true}} | {} | false",
        "{'a': {'$present': false}} | {} | true",
        "{'a': {'$present': false}} | {'a': []} | true",
        "{'a': {'$present': false}} | {'a': 0} | true",
        "{'a': {'$present': false}} | {'a': {'b': 0}} | false",
        "{'$includes': [{'a': 1}, 2]} | [2, {'a': 1}] | true",
        "{'$includes': [3]} | [1, 2] | false",
        "{'$includes': [3]} | {} | false",
        "{'$size': 2} | [1, 2] | true",
        "{'$size': 2} | [1] | false",
        "{'$size': 2} | 'ab' | false",
        "{'$matches': '^a+$'} | 'aaa' | true",
        "{'$matches': '^a+$'} | 'ab' | false",
        "{'$matches': '1'} | 1 | false",
        "{'$unheard': 1} | 1 | false",
      })
  void itMatchesOrDoesNot(String pattern, String value, boolean matches) {
    assertEquals(
        matches, Pattern.matches(JsonParser.parseString(pattern), JsonParser.parseString(value)));
  }
}
