using Affekt.Models.Text;

namespace Affekt.Tests.Text;

public sealed class WordPieceTokenizerTests
{
    private static readonly string _folder = TestPaths.InRepository("tests/Affekt.Models.Tests/Fixtures/wordpiece");

    [Fact]
    public void Texts_get_the_ids_that_hugging_face_gives_them()
    {
        List<WordPieceFixture> rows = WordPieceFixture.Read(Path.Combine(_folder, "encodings.jsonl"));

        Assert.Equal(49, rows.Count);
        AssertSameIds(rows, WordPieceVocabulary.Load(Path.Combine(_folder, "vocab.txt")));
    }

    [Fact]
    public void All_shared_texts_get_the_ids_that_hugging_face_gives_them()
    {
        List<WordPieceFixture> rows = WordPieceFixture.Read(TestPaths.Shared("data/fixtures/huggingface/wordpiece.jsonl"));

        Assert.Equal(349, rows.Count);
        AssertSameIds(rows, WordPieceVocabulary.Load(TestPaths.Shared("data/bert-base-uncased-vocab.txt")));
    }

    [Fact]
    public void Accents_stay_where_the_options_keep_them()
    {
        WordPieceTokenizer tokenizer = NewTokenizer(["é", "e", "i", "##\u0307"], new() { StripAccents = false });

        Assert.Equal("[CLS] é e [SEP]", Read(tokenizer, "É E"));
        Assert.Equal("[CLS] i ##\u0307 [SEP]", Read(tokenizer, "İ"));
    }

    [Fact]
    public void Accents_go_without_lower_casing_where_the_options_say_so()
    {
        WordPieceTokenizer tokenizer = NewTokenizer(["E", "I"], new() { LowerCase = false, StripAccents = true });

        Assert.Equal("[CLS] E I [SEP]", Read(tokenizer, "É İ"));
    }

    [Fact]
    public void Ideographs_stay_together_where_the_options_do_not_part_them()
    {
        string[] tokens = ["日", "本", "日本"];

        Assert.Equal("[CLS] 日 本 [SEP]", Read(NewTokenizer(tokens, new()), "日本"));
        Assert.Equal("[CLS] 日本 [SEP]", Read(NewTokenizer(tokens, new() { SeparateIdeographs = false }), "日本"));
    }

    [Fact]
    public void Composed_characters_of_every_kind_lose_their_marks()
    {
        // From Unicode's NormalizationTest.txt and the code charts: Latin, Greek, Hangul, Indic, CJK compatibility, music.
        WordPieceTokenizer tokenizer =
            NewTokenizer(["a", "ω", "ᄒ", "##ᅡ", "##ᆫ", "\u09C7", "##\u09BE", "丽", "\U0001D158", "##\U0001D165"], new());

        Assert.Equal("[CLS] a [SEP]", Read(tokenizer, "\u1EB6"));
        Assert.Equal("[CLS] ω [SEP]", Read(tokenizer, "\u1FAF"));
        Assert.Equal("[CLS] ᄒ ##ᅡ ##ᆫ [SEP]", Read(tokenizer, "한"));
        Assert.Equal("[CLS] ᄒ ##ᅡ [SEP]", Read(tokenizer, "하"));
        Assert.Equal("[CLS] \u09C7 ##\u09BE [SEP]", Read(tokenizer, "\u09CB"));
        Assert.Equal("[CLS] 丽 [SEP]", Read(tokenizer, "\U0002F800"));
        Assert.Equal("[CLS] \U0001D158 ##\U0001D165 [SEP]", Read(tokenizer, "\U0001D15F"));
    }

    [Theory]
    [InlineData("a\uD800b", "[CLS] ab [SEP]")]
    [InlineData("\uDC00", "[CLS] [SEP]")]
    [InlineData("\uD83D[SEP]\uDE00", "[CLS] [SEP] [SEP]")]
    public void Half_a_surrogate_pair_is_dropped(string text, string expected) =>
        Assert.Equal(expected, Read(NewTokenizer(["ab"], new()), text));

    [Fact]
    public void A_word_of_ten_thousand_characters_is_one_unknown_token()
    {
        WordPieceTokenizer tokenizer = NewTokenizer(["x", "##x"], new());

        Assert.Equal("[CLS] [UNK] x [SEP]", Read(tokenizer, new string('x', 10_000) + " x"));
    }

    [Fact]
    public void A_word_is_measured_in_characters_and_not_in_utf16_units()
    {
        WordPieceTokenizer tokenizer = NewTokenizer(["😀", "##😀"], new());
        string hundred = string.Concat(Enumerable.Repeat("😀", 100));

        Assert.Equal(102, tokenizer.Encode(hundred).Ids.Length);
        Assert.Equal("[CLS] [UNK] [SEP]", Read(tokenizer, hundred + "😀"));
    }

    [Theory]
    [InlineData(400, 400, 254, 255)] // as Hugging Face cuts the pair of that length in the shared fixtures
    [InlineData(401, 400, 255, 254)]
    [InlineData(600, 1, 508, 1)]
    [InlineData(1, 600, 1, 508)]
    [InlineData(254, 255, 254, 255)]
    public void A_pair_too_long_is_cut_from_its_longer_text(int first, int second, int firstKept, int secondKept)
    {
        WordPieceTokenizer tokenizer = NewTokenizer(["x", "y"], new());

        TokenSequence sequence = tokenizer.Encode(Repeat("x ", first), Repeat("y ", second));

        string[] tokens = Tokens(tokenizer, sequence);
        Assert.Equal((firstKept, secondKept), (tokens.Count(token => token == "x"), tokens.Count(token => token == "y")));
        Assert.Equal(512, tokens.Length);
        Assert.Equal(secondKept + 1, sequence.TypeIds.Span.Count(1L));
    }

    [Fact]
    public void A_text_is_cut_in_the_middle_of_a_word_where_its_room_ends()
    {
        WordPieceTokenizer tokenizer = NewTokenizer(["a", "##b", "##c"], new() { MaxLength = 5 });

        Assert.Equal("[CLS] a a ##b [SEP]", Read(tokenizer, "a abc a"));
        Assert.Equal("[CLS] a [MASK] a [SEP]", Read(tokenizer, "a [MASK] a [MASK]"));
    }

    [Fact]
    public void Of_two_special_tokens_that_start_alike_the_longer_one_is_found()
    {
        WordPieceTokenizer tokenizer = NewTokenizer(["<m>", "<m>+"], new() { MaskToken = "<m>", PaddingToken = "<m>+" });

        Assert.Equal("[CLS] <m>+ <m> [SEP]", Read(tokenizer, "<m>+<m>"));
    }

    [Fact]
    public void A_vocabulary_without_a_special_token_is_refused_by_name()
    {
        WordPieceVocabulary vocabulary = new(["[UNK]", "[PAD]", "[CLS]"]);

        TokenizerException error = Assert.Throws<TokenizerException>(() => new WordPieceTokenizer(vocabulary, new()));

        Assert.Contains("[SEP]", error.Message);
    }

    [Fact]
    public void An_empty_line_of_the_vocabulary_is_no_special_token() =>
        Assert.Throws<TokenizerException>(() => NewTokenizer([""], new() { UnknownToken = "" }));

    [Fact]
    public void A_length_without_room_for_the_special_tokens_is_refused() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => NewTokenizer([], new() { MaxLength = 2 }));

    private static void AssertSameIds(List<WordPieceFixture> rows, WordPieceVocabulary vocabulary)
    {
        WordPieceTokenizer uncased = new(vocabulary, new());
        WordPieceTokenizer cased = new(vocabulary, new() { LowerCase = false });
        foreach (WordPieceFixture row in rows)
        {
            TokenSequence sequence = row.Encode(uncased);
            Assert.Equal(row.Uncased, sequence.Ids.ToArray());
            Assert.Equal(row.Types ?? new long[sequence.Ids.Length], sequence.TypeIds.ToArray());
            if (row.Cased is not null)
            {
                Assert.Equal(row.Cased, row.Encode(cased).Ids.ToArray());
            }
        }
    }

    private static WordPieceTokenizer NewTokenizer(IEnumerable<string> tokens, WordPieceOptions options) =>
        new(new WordPieceVocabulary(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", .. tokens]), options);

    private static string Read(WordPieceTokenizer tokenizer, string text) =>
        string.Join(' ', Tokens(tokenizer, tokenizer.Encode(text)));

    private static string[] Tokens(WordPieceTokenizer tokenizer, TokenSequence sequence) =>
        [.. sequence.Ids.ToArray().Select(tokenizer.Vocabulary.TokenOf)];

    private static string Repeat(string text, int times) => string.Concat(Enumerable.Repeat(text, times));
}
