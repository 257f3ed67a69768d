using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Affekt.Tests;

namespace Affekt.Corpora.Tests;

/// <summary>
/// Damages small corpora in seeded random ways. Reading must end in the typed error, or in a corpus in which every line
/// that was left alone reads as before.
/// </summary>
public sealed partial class DamagedInputTests
{
    private static readonly string[] _manifestLines =
    [
        """{"id":"a","dialogue":"d","index":0,"speaker":"Ann","text":"It’s \"me\"","emotion":"joy","split":"train","start_ms":0,"end_ms":900}""",
        """{"id":"b","dialogue":"d","index":1,"speaker":"Bob","text":"Oh\u2026","emotion":"sadness","split":"train","media":"m.jsonl"}""",
        """{"id":"c","dialogue":"e","index":0,"speaker":"Ann","split":"test"}""",
        """{"id":"f","dialogue":"e","index":2,"text":"Well, {no} [way]","emotion":"anger","split":"test"}""",
    ];

    private static readonly string[] _csvLines =
    [
        "id,dialogue,index,speaker,text,emotion,split,media,start_ms,end_ms",
        """a,d,0,Ann,"It’s ""me"", again",joy,train,,0,900""",
        """b,d,1,Bob,Oh…,sadness,train,m.csv,,""",
        """c,e,0,Ann,,,test,,,""",
        """f,e,2,,"Well, {no} [way]",anger,test,,,1200""",
    ];

    private const string Transcript = """
        {"d1": [[{"turn": 1, "speaker": "A", "utterance": "It’s \"me\"", "emotion": "happiness", "flag": 1},
                 {"turn": 2, "speaker": "B", "utterance": "Oh\u2026", "emotion": "surprise", "start_ms": 3, "end_ms": 9}]],
         "d2": [{"index": 0, "text": "Well", "media": "t_test.json"}, "No"],
         "clip": "Yes"}
        """;

    private const int Damages = 1_000;

    // Milliseconds. Nothing is measured: a reader that hangs ends the test, and not the whole run.
    private const int Bound = 120_000;

    [Fact(Timeout = Bound)]
    public Task Meld_files_with_damage_are_read_right_or_refused() => Task.Run(
        () =>
        {
            string[] lines = [MeldFiles.Header, .. MeldFiles.Rows.Select(row => row.TrimEnd())];
            string[] ids = ["train_dia0_utt0", "train_dia0_utt1", "train_dia0_utt3", "train_dia2_utt0", "train_dia2_utt1", "train_dia2_utt2"];
            using TemporaryFolder folder = new();
            MeldFiles.WriteAll(folder);

            DamageAndRead(lines, ["", .. ids], "\r\n", RemoveColumn, bytes =>
            {
                folder.Write("train_sent_emo.csv", bytes);
                return MeldCorpus.Read(folder.Path).In(Split.Train).SelectMany(dialogue => dialogue.Utterances);
            });
        },
        TestContext.Current.CancellationToken);

    [Fact(Timeout = Bound)]
    public Task Manifests_with_damage_are_read_right_or_refused() => Task.Run(
        () =>
        {
            using TemporaryFolder folder = new();

            DamageAndRead(
                _manifestLines, ["a", "b", "c", "f"], "\n", RemoveField, bytes => Manifest.Read(folder.Write("m.jsonl", bytes)).Utterances);
        },
        TestContext.Current.CancellationToken);

    [Fact(Timeout = Bound)]
    public Task Csv_manifests_with_damage_are_read_right_or_refused() => Task.Run(
        () =>
        {
            using TemporaryFolder folder = new();

            DamageAndRead(
                _csvLines, ["", "a", "b", "c", "f"], "\n", RemoveUsedColumn, bytes => Manifest.Read(folder.Write("m.csv", bytes)).Utterances);
        },
        TestContext.Current.CancellationToken);

    [Fact(Timeout = Bound)]
    public Task Transcripts_with_damage_are_read_or_refused() => Task.Run(
        () =>
        {
            byte[] whole = Encoding.UTF8.GetBytes(Transcript);
            using TemporaryFolder folder = new();
            Assert.Equal(5, Manifest.Read(folder.Write("t_test.json", whole)).Utterances.Count());
            Random random = new(20261124);
            int refused = 0, read = 0;
            for (int i = 0; i < Damages; i++)
            {
                byte[] bytes = [.. whole];
                int at = random.Next(bytes.Length);
                if (i % 2 == 0)
                {
                    bytes = [.. bytes[..at], .. bytes[random.Next(at, bytes.Length)..]];
                }
                else
                {
                    bytes[at] = random.Next(2) == 0 ? "{}[]\",:0\\"u8[random.Next(9)] : (byte)random.Next(256);
                }

                try
                {
                    Assert.InRange(Manifest.Read(folder.Write("t_test.json", bytes)).Utterances.Count(), 0, 5);
                    read++;
                }
                catch (CorpusException error)
                {
                    Assert.NotNull(error.File);
                    refused++;
                }
            }

            Assert.True(refused > 100 && read > 100, $"{refused} refused, {read} read");
        },
        TestContext.Current.CancellationToken);

    private static void DamageAndRead(
        string[] lines,
        string[] idOfLine,
        string lineBreak,
        Func<string[], Random, Damage> remove,
        Func<byte[], IEnumerable<Utterance>> read)
    {
        Dictionary<string, Utterance> whole = read(Join(lines, lineBreak)).ToDictionary(u => u.Id);
        Assert.Equal(idOfLine.Where(id => id.Length > 0), whole.Keys);
        Random random = new(20240607);
        int refused = 0;
        int readRight = 0;
        for (int i = 0; i < Damages; i++)
        {
            Damage damage = (i % 5) switch
            {
                0 => ChangeByte(lines, lineBreak, random),
                1 => Truncate(lines, lineBreak, random),
                2 => ChangeLines(remove(lines, random), lineBreak),
                3 => ChangeLines(MakeNumberHuge(lines, random), lineBreak),
                _ => ChangeLines(RepeatLine(lines, random), lineBreak),
            };
            try
            {
                Dictionary<string, Utterance> found = read(damage.Bytes).ToDictionary(u => u.Id);
                // A manifest may lack any column that its damaged header no longer names.
                bool otherColumns = lines == _csvLines && damage.First == 0;
                Assert.All(
                    otherColumns ? [] : damage.Untouched.Select(line => idOfLine[line]).Where(id => id.Length > 0),
                    id => Assert.Equal(whole[id], found[id]));
                Assert.True(found.Count <= whole.Count, $"damage {i} made utterances up");
                readRight++;
            }
            catch (CorpusException error)
            {
                Assert.NotNull(error.File);
                refused++;
            }
        }

        // Both outcomes must have been seen, or the test would have tested little.
        Assert.True(refused > 50 && readRight > 50, $"{refused} refused, {readRight} read");
    }

    private static Damage ChangeByte(string[] lines, string lineBreak, Random random)
    {
        byte[] bytes = Join(lines, lineBreak);
        int at = random.Next(bytes.Length);
        int line = bytes.AsSpan(0, at).Count((byte)'\n');
        bytes[at] = random.Next(3) == 0 ? ",\"\n\r:{}0\\"u8[random.Next(9)] : (byte)random.Next(256);

        // Next to a line break the line behind is touched as well.
        bool atBreak = at + lineBreak.Length >= Join(lines[..(line + 1)], lineBreak).Length;
        return new Damage(lines, bytes, line, atBreak ? line + 1 : line);
    }

    private static Damage Truncate(string[] lines, string lineBreak, Random random)
    {
        byte[] bytes = Join(lines, lineBreak);
        int length = random.Next(bytes.Length);
        byte[] kept = bytes[..length];
        return new Damage(lines, kept, kept.AsSpan().Count((byte)'\n'), lines.Length);
    }

    private static Damage MakeNumberHuge(string[] lines, Random random)
    {
        int line = random.Next(lines.Length);
        MatchCollection numbers = Digits.Matches(lines[line]);
        if (numbers.Count == 0)
        {
            return new Damage(lines, [], 0, -1);
        }

        Match number = numbers[random.Next(numbers.Count)];
        string huge = random.Next(2) == 0 ? "99999999999999999999" : "2147483647";
        string[] changed = [.. lines];
        changed[line] = lines[line][..number.Index] + huge + lines[line][(number.Index + number.Length)..];
        return new Damage(changed, [], line, line);
    }

    private static Damage RepeatLine(string[] lines, Random random)
    {
        int line = random.Next(lines.Length);
        int at = random.Next(lines.Length + 1);
        string[] changed = [.. lines[..at], lines[line], .. lines[at..]];
        return new Damage(changed, [], 0, lines.Length);
    }

    private static Damage RemoveColumn(string[] lines, Random random)
    {
        int column = random.Next(OutsideQuotes.Split(lines[0]).Length);
        string[] changed =
            [.. lines.Select(line => string.Join(',', OutsideQuotes.Split(line).Where((_, i) => i != column)))];
        return new Damage(changed, [], 0, -1);
    }

    // Every column of a manifest is read, so every line may read as another one.
    private static Damage RemoveUsedColumn(string[] lines, Random random) =>
        RemoveColumn(lines, random) with { First = 0, Last = lines.Length };

    private static Damage RemoveField(string[] lines, Random random)
    {
        int line = random.Next(lines.Length);
        JsonObject fields = JsonNode.Parse(lines[line])!.AsObject();
        fields.RemoveAt(random.Next(fields.Count));
        string[] changed = [.. lines];
        changed[line] = fields.ToJsonString();
        return new Damage(changed, [], line, line);
    }

    private static Damage ChangeLines(Damage damage, string lineBreak) =>
        damage with { Bytes = Join(damage.Lines, lineBreak) };

    private static byte[] Join(string[] lines, string lineBreak) =>
        Encoding.UTF8.GetBytes(string.Concat(lines.Select(line => line + lineBreak)));

    [GeneratedRegex("[0-9]+")]
    private static partial Regex Digits { get; }

    [GeneratedRegex(",(?=(?:[^\"]*\"[^\"]*\")*[^\"]*$)")]
    private static partial Regex OutsideQuotes { get; }

    /// <summary>A damaged file; the lines from First to Last are those that the damage touched.</summary>
    private sealed record Damage(string[] Lines, byte[] Bytes, int First, int Last)
    {
        public IEnumerable<int> Untouched => Enumerable.Range(0, Lines.Length).Where(line => line < First || line > Last);
    }
}
