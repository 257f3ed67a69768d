using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Affekt.Models.Text;

namespace Affekt.Tests.Text;

public sealed class WordPieceMeldTests
{
    [Theory]
    [InlineData("train")]
    [InlineData("dev")]
    [InlineData("test")]
    public void Every_MELD_utterance_gets_the_ids_that_hugging_face_gives_it(string split)
    {
        using JsonDocument expectations =
            JsonDocument.Parse(File.ReadAllText(TestPaths.Shared("data/fixtures/huggingface/wordpiece_meld.json")));
        JsonElement expected = expectations.RootElement.GetProperty(split);
        WordPieceTokenizer tokenizer =
            new(WordPieceVocabulary.Load(TestPaths.Shared("data/bert-base-uncased-vocab.txt")), new());

        List<TokenSequence> sequences =
            [.. Utterances(TestPaths.Shared($"data/meld/{split}_sent_emo.csv")).Select(tokenizer.Encode)];

        Assert.Equal(expected.GetProperty("rows").GetInt32(), sequences.Count);
        Assert.Equal(expected.GetProperty("tokens").GetInt32(), sequences.Sum(sequence => sequence.Ids.Length));
        Assert.Equal(expected.GetProperty("longest").GetInt32(), sequences.Max(sequence => sequence.Ids.Length));
        Assert.Equal(expected.GetProperty("sha256").GetString(), Hash(sequences));
    }

    private static string Hash(List<TokenSequence> sequences)
    {
        StringBuilder lines = new();
        foreach (TokenSequence sequence in sequences)
        {
            lines.AppendJoin(',', sequence.Ids.ToArray().Select(id => id.ToString(CultureInfo.InvariantCulture))).Append('\n');
        }

        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(lines.ToString())));
    }

    private static IEnumerable<string> Utterances(string path)
    {
        List<List<string>> records = Records(File.ReadAllText(path));
        int column = records[0].IndexOf("Utterance");
        return records.Skip(1).Select(record => record[column]);
    }

    // Quoted CSV with CRLF, and nothing more than MELD needs.
    private static List<List<string>> Records(string csv)
    {
        List<List<string>> records = [];
        List<string> record = [];
        StringBuilder field = new();
        bool quoted = false;
        for (int i = 0; i < csv.Length; i++)
        {
            char c = csv[i];
            if (c == '"' && quoted && i + 1 < csv.Length && csv[i + 1] == '"')
            {
                field.Append(csv[++i]);
            }
            else if (c == '"')
            {
                quoted = !quoted;
            }
            else if (quoted || (c is not ',' and not '\r' and not '\n'))
            {
                field.Append(c);
            }
            else if (c is ',' or '\n')
            {
                record.Add(field.ToString());
                field.Clear();
                if (c == '\n')
                {
                    records.Add(record);
                    record = [];
                }
            }
        }

        return records;
    }
}
