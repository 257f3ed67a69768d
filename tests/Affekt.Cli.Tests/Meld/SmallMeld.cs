using System.Diagnostics;
using System.Globalization;
using System.Text;
using Affekt.Corpora;
using Affekt.Models.Audio;
using Affekt.Models.Text;
using Affekt.Networks;
using Affekt.Tests;
using Affekt.Torch;

namespace Affekt.Cli.Tests.Meld;

/// <summary>
/// A few dialogues in the layout of MELD.Raw: lines that are spoken by espeak-ng, and a picture for each emotion. One clip of train is
/// missing, one of test is no film, and there are files that are no clips. Beside it lie tiny encoders with random weights.
/// </summary>
public sealed class SmallMeld : IDisposable
{
    public const string Missing = "train_dia1_utt1";
    public const string Damaged = "test_dia0_utt1";

    public const int TestUtterances = 4;

    private const int Turns = 2;

    // Few, because each clip is opened some ten times, and starting ffmpeg is what takes the time.
    private static readonly (string Name, string Csv, string Clips, int Utterances)[] s_splits =
    [
        ("train", "train_sent_emo.csv", "train_splits", 6),
        ("dev", "dev_sent_emo.csv", "dev_splits_complete", 4),
        ("test", "test_sent_emo.csv", "output_repeated_splits_test", TestUtterances),
    ];

    private static readonly string[] s_colors = ["gray", "yellow", "blue", "red", "purple", "green", "orange"];

    private readonly TemporaryFolder _folder = new();

    public SmallMeld()
    {
        Directory.CreateDirectory(Root);
        Parallel.ForEach(s_splits.SelectMany(WriteSplit).ToArray(), clip => WriteClip(clip.File, clip.Text, clip.Emotion));
        File.Delete(Path.Combine(Root, "train_splits", "dia1_utt1.mp4"));
        string test = Path.Combine(Root, "output_repeated_splits_test");
        File.WriteAllText(Path.Combine(test, "dia0_utt1.mp4"), "no film");
        File.Copy(Path.Combine(test, "dia0_utt0.mp4"), Path.Combine(test, "final_videos_testdia0_utt0.mp4"));
        File.WriteAllText(Path.Combine(test, "._dia0_utt0.mp4"), "what macOS leaves");
        WriteEncoders();
    }

    /// <summary>What the script calls ROOT.</summary>
    public string Root => At("MELD.Raw");

    public string At(string name) => _folder.At(name);

    public void Dispose() => _folder.Dispose();

    private IEnumerable<(string File, string Text, Emotion Emotion)> WriteSplit((string Name, string Csv, string Clips, int Utterances) split)
    {
        string clips = Directory.CreateDirectory(Path.Combine(Root, split.Clips)).FullName;
        StringBuilder csv = new(
            "Sr No.,Utterance,Speaker,Emotion,Sentiment,Dialogue_ID,Utterance_ID,Season,Episode,StartTime,EndTime\r\n");
        Line[] lines = Lines(split.Name, split.Utterances);
        foreach ((int i, Line line) in lines.Index())
        {
            csv.Append(
                CultureInfo.InvariantCulture,
                $"1,\"{line.Text.Replace("\"", "\"\"", StringComparison.Ordinal)}\",{line.Speaker},{line.Emotion.Label()},x,{i / Turns},{i % Turns},1,1,\"0:00:01,000\",\"00:00:02,000\"\r\n");
        }

        File.WriteAllText(Path.Combine(Root, split.Csv), csv.ToString());
        return lines.Index().Select(entry => (
            Path.Combine(clips, $"dia{entry.Index / Turns}_utt{entry.Index % Turns}.mp4"), entry.Item.Text, entry.Item.Emotion));
    }

    // MELD's own, short ones, where it is at hand.
    private static Line[] Lines(string split, int count)
    {
        string meld = Path.GetFullPath(Path.Combine(TestPaths.Root, "..", "shared", "data", "meld"));
        string[] own = ["That is fine.", "How wonderful!", "I miss her.", "Go away!", "Who is there?", "This is gross.", "No way!"];
        Line[] lines = Directory.Exists(meld)
            ?
            [
                .. MeldCorpus.Read(meld).Utterances.Where(u => u.Split.Name() == split && u is { Text: { Length: > 8 and < 24 }, Label: not null })
                    .Take(count).Select(u => new Line(u.Text!, u.Speaker ?? "All", (Emotion)u.Label!.Value)),
            ]
            : [.. Enumerable.Range(0, count).Select(i => new Line(own[i % own.Length], i % 2 == 0 ? "Joey" : "Monica", (Emotion)(i % own.Length)))];
        return lines.Length == count ? lines : throw new InvalidOperationException($"{meld}: {lines.Length} short lines of {split}, wanted {count}");
    }

    private void WriteClip(string file, string text, Emotion emotion)
    {
        string sound = Path.ChangeExtension(file, ".wav");
        Run("espeak-ng", "-w", sound, "--", text);
        string picture = string.Create(
            CultureInfo.InvariantCulture,
            $"color=c={s_colors[(int)emotion]}:s=160x90:r=8,drawbox=x={10 + (18 * (int)emotion)}:y=25:w=30:h=40:color=white:t=fill");
        Run(
            "ffmpeg", "-v", "error", "-nostdin", "-y", "-f", "lavfi", "-i", picture, "-i", sound, "-shortest", "-c:v", "libx264",
            "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-c:a", "aac", "-ac", "6", file);
        File.Delete(sound);
    }

    // All words are read letter by letter.
    private void WriteEncoders()
    {
        TorchRuntime.ManualSeed(5);
        string bert = Directory.CreateDirectory(At("bert")).FullName, wav2vec2 = Directory.CreateDirectory(At("wav2vec2")).FullName;
        IEnumerable<char> letters = Enumerable.Range('a', 26).Select(letter => (char)letter);
        string[] vocabulary =
            ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", .. letters.Select(letter => $"{letter}"), .. letters.Select(letter => $"##{letter}"), .. "!?.,'".Select(mark => $"{mark}")];
        File.WriteAllLines(Path.Combine(bert, "vocab.txt"), vocabulary);
        File.WriteAllText(Path.Combine(bert, "config.json"), $$"""
            {"model_type": "bert", "vocab_size": {{vocabulary.Length}}, "hidden_size": 16, "num_hidden_layers": 1,
             "num_attention_heads": 2, "intermediate_size": 32, "max_position_embeddings": 64}
            """);
        using BertModel words = new(BertConfig.Load(Path.Combine(bert, "config.json")), pooler: false);
        NetworkState.Save(words, Path.Combine(bert, "model.safetensors"));
        File.WriteAllText(Path.Combine(wav2vec2, "config.json"), """
            {"model_type": "wav2vec2", "hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 32,
             "conv_dim": [8, 8, 8, 8, 8, 8, 8], "num_conv_pos_embeddings": 8, "num_conv_pos_embedding_groups": 2}
            """);
        File.WriteAllText(Path.Combine(wav2vec2, "preprocessor_config.json"), """{"do_normalize": true, "sampling_rate": 16000}""");
        using Wav2Vec2Model speech = new(Wav2Vec2Config.Load(Path.Combine(wav2vec2, "config.json")), head: false);
        NetworkState.Save(speech, Path.Combine(wav2vec2, "model.safetensors"));
        using Mc3Trunk pictures = new(stemWidth: 2);
        NetworkState.Save(pictures, At("mc3.safetensors"));
    }

    private static void Run(string tool, params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(tool, arguments) { RedirectStandardError = true })!;
        string errors = process.StandardError.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, $"{tool}: {errors}");
    }

    private sealed record Line(string Text, string Speaker, Emotion Emotion);
}
