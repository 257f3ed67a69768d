using System.Text;
using Affekt.Corpora;
using Affekt.Media;
using Affekt.Media.Transcripts;
using Affekt.Models;
using Affekt.Models.Bundles;
using Affekt.Onnx.StateFiles;
using Affekt.Recognition;
using Affekt.Server.Hosting;
using Affekt.Training.Recipes;

namespace Affekt.Tests;

/// <summary>
/// Files that strangers wrote. `AFFEKT_FUZZ=10000 ./affekt test --filter-class '*FuzzTests'` gives all targets together so many inputs;
/// the gate has a few. What was found lies in Found, by target, and stays a test.
/// </summary>
public sealed class ReaderFuzzTests : IDisposable
{
    private readonly TestMedia _media = new();

    /// <summary>The targets, with how many inputs each has in the gate and its share of many.</summary>
    public static TheoryData<string, int, double> Targets => new()
    {
        { "srt", 60, 0.06 }, { "vtt", 60, 0.06 }, { "jsonl", 60, 0.06 }, { "csv", 60, 0.06 }, { "txt", 20, 0.02 },
        { "json", 60, 0.06 }, { "ass", 20, 0.02 },
        { "manifest", 60, 0.08 }, { "recipe", 60, 0.08 },
        { "safetensors", 80, 0.08 }, { "onnx", 80, 0.08 }, { "pickle", 80, 0.08 }, { "tfjs", 40, 0.04 },
        { "bundle-config", 30, 0.06 }, { "bundle-text-config", 30, 0.04 }, { "bundle-vocabulary", 10, 0.02 }, { "bundle-weights", 20, 0.04 },
        { "media", 6, 0.05 },
    };

    [Theory]
    [MemberData(nameof(Targets))]
    public async Task Wrong_files_are_refused_and_nothing_more(string target, int inTheGate, double share)
    {
        Target made = Make(target);
        await Fuzz.RunAsync(target, made.Right, Mutator.Inputs(inTheGate, share), made.Read, made.Refusals);
    }

    [Fact]
    public async Task What_was_found_once_stays_mended()
    {
        foreach (string file in Directory.GetFiles(TestPaths.InRepository("tests/Affekt.Fuzz.Tests/Found")).Order())
        {
            string name = Path.GetFileName(file), target = name[..name.LastIndexOf('-')];
            if (Targets.All(row => row.Data.Item1 != target))
                continue;
            Target made = Make(target);
            await Fuzz.ReadAsync(target, name, await File.ReadAllBytesAsync(file, TestContext.Current.CancellationToken), made.Read, made.Refusals);
        }
    }

    public void Dispose() => _media.Dispose();

    private sealed record Target(IReadOnlyList<byte[]> Right, Func<byte[], CancellationToken, Task> Read, params Type[] Refusals);

    private Target Make(string target) => target switch
    {
        "srt" or "vtt" or "jsonl" or "csv" or "txt" or "json" or "ass" => ReadFile(
            Transcripts(target), $"a.{target}", path => Transcript.Read(path), typeof(TranscriptException)),
        "manifest" => ReadFile(Manifests(), "a.jsonl", path => Manifest.Read(path), typeof(CorpusException)),
        "recipe" => ReadFile(Recipes(), "a.json", path => Recipe.Load(path), typeof(RecipeException)),
        "safetensors" => ReadFile([File.ReadAllBytes(Path.Combine(_media.Bundle(), "audio-text.safetensors"))], "a", ReadState, typeof(StateFileException)),
        "onnx" => ReadFile([Fixture("small.onnx")], "a", ReadState, typeof(StateFileException)),
        "pickle" => ReadFile([Fixture("linear.pt")], "a", ReadState, typeof(StateFileException)),
        "tfjs" => Tfjs(),
        "bundle-config" => BundlePart(BundleConfig.FileName),
        "bundle-text-config" => BundlePart("text/config.json"),
        "bundle-vocabulary" => BundlePart("text/vocab.txt"),
        "bundle-weights" => BundlePart("text/model.safetensors"),
        "media" => Media(),
        _ => throw new ArgumentOutOfRangeException(nameof(target), target, "no such target"),
    };

    private Target ReadFile(IReadOnlyList<byte[]> right, string name, Action<string> read, params Type[] refusals) => new(
        right,
        async (input, cancellation) =>
        {
            string path = _media.At(name);
            await File.WriteAllBytesAsync(path, input, cancellation);
            read(path);
        },
        refusals);

    private static void ReadState(string path)
    {
        using StateFile file = StateFile.Open(path);
        foreach (StoredTensor tensor in file.Tensors.Values)
            _ = tensor.Bytes.Length;
    }

    private Target Tfjs()
    {
        foreach (string weights in Directory.GetFiles(Fixtures, "tfjs*.bin"))
            File.Copy(weights, _media.At(Path.GetFileName(weights)));
        return ReadFile(
            [.. Directory.GetFiles(Fixtures, "tfjs*.json").Select(File.ReadAllBytes)], "manifest.json", ReadState, typeof(StateFileException));
    }

    // The bundle is opened, and answers once where that is possible.
    private Target BundlePart(string part)
    {
        string folder = _media.Bundle(), path = Path.Combine(folder, part), film = _media.Silent();
        return new Target(
            [File.ReadAllBytes(path)],
            async (input, cancellation) =>
            {
                await File.WriteAllBytesAsync(path, input, cancellation);
                using Recognizer recognizer = new(Bundle.Open(folder, EncoderLocations.None), MediaTools.Find());
            },
            typeof(ModelException));
    }

    private Target Media()
    {
        MediaTools tools = MediaTools.Find(new MediaToolsOptions
        {
            MaximumStream = TimeSpan.FromMinutes(1),
            Sandbox = ServerFolders.Sandbox() is { } program ? new ToolSandbox { Program = program, MaximumProcessorTime = TimeSpan.FromSeconds(20) } : null,
        });
        byte[][] right =
        [
            .. ((string[])["a.mp4", "a.mkv", "a.mp3", "a.flac", "a.ts", "a.ogg", "a.wav", "a.flv"]).Select(name => File.ReadAllBytes(_media.Make(
                name, ["-f", "lavfi", "-i", "sine=d=0.5:r=16000", "-f", "lavfi", "-i", "testsrc=d=0.5:s=64x64:r=10", "-shortest", .. Codecs(name)]))),
        ];
        return new Target(
            right,
            async (input, cancellation) =>
            {
                string path = _media.At("input");
                await File.WriteAllBytesAsync(path, input, cancellation);
                MediaInfo info = await tools.ProbeAsync(path, cancellation);
                if (info.Sound is not null)
                    await tools.ReadSoundAsync(info, null, cancellation);
                if (info.Picture is not null)
                    await tools.ReadFramesAsync(info, 4, cancellation: cancellation);
            },
            typeof(MediaException));
    }

    private static string[] Codecs(string name) => Path.GetExtension(name) switch
    {
        ".mp4" or ".mkv" => ["-c:v", "libx264", "-c:a", "aac"],
        ".ts" => ["-c:v", "mpeg2video", "-c:a", "mp2"],
        ".flv" => ["-c:v", "flv", "-c:a", "libmp3lame", "-ar", "22050"],
        ".ogg" => ["-vn", "-c:a", "libvorbis"],
        _ => ["-vn"],
    };

    private static string Fixtures { get; } = TestPaths.InRepository("tests/Affekt.Onnx.Tests/StateFiles/Fixtures");

    private static byte[] Fixture(string name) => File.ReadAllBytes(Path.Combine(Fixtures, name));

    private static byte[][] Transcripts(string kind) => kind switch
    {
        "json" =>
        [
            [.. """{"text":" Hi. No!","segments":[{"start":0.0,"end":1.5,"text":" Hi.","speaker":0,"avg_logprob":NaN},{"timestamp":[1.5,null],"text":"N\u006f!"}]}"""u8],
            [.. """{"results":{"utterances":[{"start_ms":0,"end_ms":900,"transcript":"Hi."}]},"transcription":[{"offsets":{"from":0,"to":900},"text":"Hi."}]}"""u8],
        ],
        "ass" => [[.. "[Script Info]\n\n[Events]\nFormat: Layer, Start, End, Name, Text\nDialogue: 0,0:00:00.00,0:00:02.00,Ann,{\\i1}Hi,\\Nyou{\\i0}\n"u8]],
        "srt" =>
        [
            "1\r\n00:00:00,100 --> 00:00:02,300\r\nAnn: Oh my <i>goodness</i>!\r\n\r\n2\r\n00:00:02,400 --> 00:00:04,200 X1:0\r\n- Bob: No.\r\n- Ann: Yes.\r\n"u8.ToArray(),
            Encoding.Latin1.GetBytes("1\n0:0:1,5 --> 00:01:02.5\nDon\u0092t you dare\n"),
        ],
        "vtt" =>
        [
            "WEBVTT - talk\nKind: captions\n\nNOTE none\n\nSTYLE\n::cue {}\n\nid\n00:01.000 --> 00:02.500 align:start\n<v Ann>Hello <c.x>there</c>\n\n01:00:02.000 --> 01:00:03.000\n<00:01:01.000>rolled &amp; on\n"u8.ToArray(),
        ],
        "jsonl" =>
        [
            "{\"text\":\"Hello\",\"speaker\":\"Ann\",\"start_ms\":0,\"end_ms\":1200}\n{\"text\":\"No\",\"start\":\"0:00:01.5\",\"end\":2.5}\n"u8.ToArray(),
        ],
        "csv" => ["start,end,speaker,text\n0,1.5,Ann,\"Hello, \"\"you\"\"\"\n0:00:02,0:00:03.250,Bob,No\n"u8.ToArray()],
        _ => ["Ann: Hello.\nNo.\n"u8.ToArray(), [.. Encoding.Unicode.GetPreamble(), .. Encoding.Unicode.GetBytes("Ann: Hello.\n")]],
    };

    private static byte[][] Manifests() =>
    [
        """
        {"id":"a","dialogue":"d1","index":0,"speaker":"Ann","text":"Hello","emotion":"joy","split":"train","media":"a.mp4","start_ms":0,"end_ms":900}
        {"id":"b","dialogue":"d1","index":1,"speaker":"Bob","text":"No","emotion":"anger","split":"train"}
        {"id":"c","dialogue":"d2","index":0,"split":"dev","media":"sub\\b.wav"}

        """u8.ToArray(),
    ];

    private static byte[][] Recipes() =>
        [.. Directory.GetFiles(TestPaths.InRepository("recipes"), "*.json", SearchOption.AllDirectories)
            .Where(file => !file.EndsWith("schema.json", StringComparison.Ordinal)).Order().Select(File.ReadAllBytes)];
}
