using System.CommandLine;
using System.CommandLine.Parsing;
using Affekt.Cli.Recognitions;
using Affekt.Cli.Results;
using Affekt.Media;
using Affekt.Media.Transcripts;
using Affekt.Models;
using Affekt.Models.Fusion;
using Affekt.Networks;
using Affekt.Recognition;
using Affekt.Recognition.Library;
using Affekt.Recognition.Persons;
using Affekt.Recognition.Report;
using Affekt.Torch;

namespace Affekt.Cli.Commands;

/// <summary>affekt recognize: media files to emotions.</summary>
internal sealed class RecognizeCommand
{
    private const int DefaultAtOnce = 2;
    private const string Auto = "auto";

    private readonly Argument<string[]> _inputs = new("INPUT")
    {
        Description = "Sound, video or picture files, folders of them, patterns such as 'talks/**/*.mp4', manifests (.jsonl, .csv), or - for standard input; none to recognize --text or --transcript alone.",
        Arity = ArgumentArity.ZeroOrMore,
    };

    private readonly Option<string?> _text = new("--text")
    {
        Description = "The spoken words of a single file, which then counts as one utterance.",
        HelpName = "TEXT",
    };

    private readonly Option<string?> _transcript = new("--transcript")
    {
        Description = "The transcript of a single file: .srt, .vtt, .sbv, .ass, .ssa, .json (as Whisper writes it), .jsonl, .csv, .tsv, or .txt.",
        HelpName = "FILE",
    };

    private readonly Option<string?> _speaker = new("--speaker")
    {
        Description = "The speaker, where the transcript names none.",
        HelpName = "NAME",
    };

    private readonly Option<string> _speakers = Speakers();

    private readonly Option<bool> _thumbnails = new("--thumbnails")
    {
        Description = "Adds a small picture of each person's face to JSON and report where there are several people.",
    };

    private readonly Option<string?> _summary = new("--summary")
    {
        Description = "Also writes a CSV file of the persons in a single recording and what each expresses over time.",
        HelpName = "FILE.csv",
    };

    private readonly Option<int?> _audioStream = new("--audio-stream")
    {
        Description = "The audio stream to use, from 0; default: the file's default stream, or another where that one is silent.",
        HelpName = "N",
    };

    private readonly Option<string> _cut = Switch(
        "--cut", "Whether sound without words is cut at pauses into utterances, or heard as one.");

    private readonly Option<string> _transcribe = Switch(
        "--transcribe", "Whether words that are not given are found by speech recognition (English).");

    private readonly Option<double?> _minConfidence = CommonOptions.Number(
        "--min-confidence", "Answers below this probability, in [0, 1], are withheld; default: the bundle's own threshold.", "P", 0, 1);

    private readonly Option<string?> _prior = CommonOptions.Prior("the bundle's own");

    private readonly Option<string[]> _baseline = new("--baseline")
    {
        Description = "One or more recordings of how the speaker usually sounds and looks.",
        AllowMultipleArgumentsPerToken = true,
        HelpName = "FILE",
    };

    private readonly Option<string?> _report = new("--report")
    {
        Description = "Also writes an HTML report of a single file.",
        HelpName = "FILE.html",
    };

    private readonly Option<string?> _out = new("--out")
    {
        Description = "Writes a JSON file for each input into this folder, and only a summary to standard output.",
        HelpName = "DIR",
    };

    private readonly Option<bool> _resume = new("--resume")
    {
        Description = "With --out: skips inputs that already have a result of the same bundle there.",
    };

    private readonly Option<int?> _jobs = CommonOptions.Count("--jobs", $"How many files are read at once; {DefaultAtOnce} where not given.");

    private readonly Option<string?> _bundle = CommonOptions.Bundle();
    private readonly Option<string> _format = CommonOptions.Format("table", "json", "jsonl", "csv");
    private readonly Option<string> _device = CommonOptions.Device(
        "Where BERT, RoBERTa, wav2vec 2.0, HuBERT and MC3-18 run; smaller networks stay on the processor.");
    private readonly Option<string> _precision = CommonOptions.Precision();
    private readonly Option<int?> _threads = CommonOptions.Threads();

    private readonly Terminal _terminal;

    private RecognizeCommand(Terminal terminal) => _terminal = terminal;

    public static Command Create(Terminal terminal) => new RecognizeCommand(terminal).Build();

    private Command Build()
    {
        Command command = new("recognize", "Recognizes the emotion in sound, video and picture files, or in words alone.")
        {
            _inputs, _text, _transcript, _speaker, _speakers, _thumbnails, _audioStream, _cut, _transcribe, _minConfidence, _prior, _baseline, _format, _report, _summary, _out,
            _resume, _jobs, _bundle, _device, _precision, _threads,
        };
        command.Validators.Add(Check);
        command.SetAction((parsed, cancellation) => RunAsync(parsed, cancellation));
        return command;
    }

    private void Check(CommandResult result)
    {
        if (result.GetValue(_text) is not null && result.GetValue(_transcript) is not null)
            result.AddError("give either --text or --transcript");
        if (result.GetValue(_inputs) is not { Length: > 0 } && string.IsNullOrWhiteSpace(result.GetValue(_text)) && result.GetValue(_transcript) is null)
            result.AddError("expected INPUT, --text or --transcript");
        if (result.GetValue(_resume) && result.GetValue(_out) is null)
            result.AddError("--resume goes with --out");
        if (result.GetValue(_inputs) is not { Length: > 0 } && result.GetValue(_baseline) is { Length: > 0 })
            result.AddError("--baseline goes with INPUT: words alone have neither a voice nor a face");
        if (result.GetValue(_audioStream) < 0)
            result.AddError("--audio-stream: expected 0 or more");
        foreach (Option<string?> single in new[] { _text, _transcript, _report, _summary })
        {
            if (result.GetValue(single) is not null && result.GetValue(_inputs) is { Length: > 1 })
                result.AddError($"{single.Name} goes with a single input");
        }
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellation)
    {
        Device device = CommonOptions.DeviceOf(parsed.GetRequiredValue(_device));
        MediaTools tools = MediaTools.Find();
        Failures failures = new(_terminal);
        using StandardInput? standardInput = parsed.GetValue(_inputs) is { } named && named.Contains(StandardInput.Name)
            ? await StandardInput.ReadAsync(cancellation)
            : null;
        IReadOnlyList<RecognitionInput> all = Inputs(parsed, standardInput, failures);
        if (all.Count == 0)
            return failures.Last;
        string?[] read = [.. parsed.GetValue(_inputs) ?? [], .. all.Select(input => input.Request.File), .. parsed.GetValue(_baseline) ?? [], parsed.GetValue(_transcript), parsed.GetValue(_prior)];
        if (parsed.GetValue(_out) is { } results)
        {
            Writable.Check(_out.Name, results);
            HashSet<string> names = [.. read.Select(file => Path.GetFileName(file) ?? "")];
            foreach (RecognitionInput input in all.Where(input => names.Contains(Path.GetFileName(input.ResultFile!))))
                Writable.RequireOther(_out.Name, input.ResultFile!, read);
        }

        if (parsed.GetValue(_report) is { } asked)
            Writable.CheckFile(_report.Name, asked, read);
        if (parsed.GetValue(_summary) is { } table)
            Writable.CheckFile(_summary.Name, table, [.. read, parsed.GetValue(_report)]);

        int unusable = failures.Count;
        ProgressLine progress = new(_terminal, all.Count);
        failures.Progress = progress;
        string bundle = ShippedFiles.Bundle(parsed.GetValue(_bundle));

        // What cannot be read is told before models are loaded for the rest, unless there is much to ask.
        const int FewEnoughToAsk = 8;
        Recognizer? opened = null;
        using IResultWriter writer = parsed.GetValue(_out) is null
            ? ResultWriters.Create(parsed.GetRequiredValue(_format), several: IsSeveral(parsed, all), _terminal, () => opened)
            : new SummaryWriter(_terminal);
        List<RecognitionInput> readable = all.Count > FewEnoughToAsk
            ? [.. all]
            : await ProbeAsync(all, tools, failures, cancellation);
        if (readable.Count > 0)
        {
            // Models load meanwhile.
            tools.Prestart();
            CommonOptions.UseThreads(parsed.GetValue(_threads));
            Precision precision = CommonOptions.ChoosePrecision(parsed.GetRequiredValue(_precision), _terminal, device);
            using Recognizer recognizer = await RecognizerFactory.OpenAsync(
                Needs(parsed, readable, bundle, TorchEncoders.Options(precision, device)), _terminal.Progress, tools, cancellation);
            opened = recognizer;
            RecognitionInput[] left = parsed.GetValue(_resume)
                ? [.. readable.Where(input => !RecognitionBatch.IsDone(input, recognizer.Identity))]
                : [.. readable];
            RecognitionBatch batch = new(left, recognizer, writer, progress, failures);
            await batch.RunAsync(parsed.GetValue(_jobs) ?? DefaultAtOnce, cancellation);
            progress.Clear();
            if (parsed.GetValue(_report) is { } page && batch.Last is { } result)
                await WriteReportAsync(page, result, standardInput, tools, cancellation);
            if (parsed.GetValue(_summary) is { } summary && batch.Last is { } told)
                AtomicFile.Write(summary, PersonTable.ToCsv(told));
            if (parsed.GetValue(_out) is { } folder)
            {
                _terminal.Output.WriteLine(
                    $"{batch.Done} done, {failures.Count} failed, {readable.Count - left.Length} were there: {folder}");
            }
        }

        return failures.Count > 0 && failures.Count - unusable < all.Count ? ExitCode.SomeFailed : failures.Last;
    }

    // The pictures are in what was read from standard input, which is gone when the page is looked at.
    private static async Task WriteReportAsync(
        string page, RecognitionResult result, StandardInput? standardInput, MediaTools tools, CancellationToken cancellation) =>
        AtomicFile.Write(page, result.Input.File == StandardInput.Name && standardInput is not null
            ? await RecognitionReport.WriteAsync(result with { Input = result.Input with { File = standardInput.File } }, tools, null, cancellation)
            : await RecognitionReport.WriteAsync(result, tools, page, cancellation));

    private IReadOnlyList<RecognitionInput> Inputs(ParseResult parsed, StandardInput? standardInput, Failures failures)
    {
        EmotionPrior? prior = parsed.GetValue(_prior) is { } named ? EmotionPriors.Find(named) : null;
        SpeakersAsked speakers = SpeakersAsked.Parse(parsed.GetRequiredValue(_speakers))!;
        List<MediaWarning> warnings = [];
        IReadOnlyList<SpokenLine>? transcript = parsed.GetValue(_transcript) is { } file ? Transcript.Read(file, warnings) : null;
        IReadOnlyList<RecognitionRequest> found = parsed.GetValue(_inputs) is { Length: > 0 } inputs
            ? InputList.Find(inputs, failures.Add)
            : [new RecognitionRequest(parsed.GetValue(_transcript) ?? "text") { Recording = new MemoryRecording() }];
        foreach (Option<string?> single in new[] { _text, _transcript, _report, _summary })
        {
            if (parsed.GetValue(single) is not null && found.Count > 1)
                throw new CommandException($"{single.Name} goes with a single file, found {found.Count}", ExitCode.Unusable);
        }

        IReadOnlyList<string>? targets = parsed.GetValue(_out) is { } folder ? InputList.ResultFiles(found, folder) : null;
        return
        [
            .. found.Select((request, i) => new RecognitionInput(
                request with
                {
                    File = request.File == StandardInput.Name && standardInput is not null ? standardInput.File : request.File,
                    Text = parsed.GetValue(_text) ?? request.Text,
                    Transcript = transcript ?? request.Transcript,
                    Warnings = [.. warnings, .. request.Warnings],
                    Speaker = parsed.GetValue(_speaker) ?? request.Speaker,
                    TellVoicesApart = speakers.TellApart,
                    SpeakerCount = speakers.Count,
                    Thumbnails = parsed.GetValue(_thumbnails),
                    AudioStream = parsed.GetValue(_audioStream),
                    Transcribe = parsed.GetRequiredValue(_transcribe) == Auto,
                    Segmentation = parsed.GetRequiredValue(_cut) == Auto ? request.Segmentation : null,
                    MinConfidence = parsed.GetValue(_minConfidence),
                    Prior = prior,
                    Baseline = parsed.GetValue(_baseline) ?? [],
                },
                targets?[i]) { Name = request.File }),
        ];
    }

    private static async Task<List<RecognitionInput>> ProbeAsync(
        IReadOnlyList<RecognitionInput> inputs, MediaTools tools, Failures failures, CancellationToken cancellation)
    {
        List<RecognitionInput> readable = [];
        foreach (RecognitionInput input in inputs)
        {
            try
            {
                MediaInfo? media = input.Request.Recording is null ? await tools.ProbeAsync(input.Request.File, cancellation) : null;
                readable.Add(input with { Request = input.Request with { Media = media } });
            }
            catch (Exception exception) when (Failures.IsOfOneItem(exception))
            {
                failures.Add(input, exception);
            }
        }

        return readable;
    }

    // What the inputs call for. Sound may be gone without where there are words for every input.
    private AffektOptions Needs(ParseResult parsed, List<RecognitionInput> inputs, string bundle, EncoderOptions encoders)
    {
        RecognitionRequest[] requests = [.. inputs.Select(input => input.Request)];
        RecognitionRequest[] wordless =
        [
            .. requests.Where(request => request.Transcript?.Any(line => line.Text is null) ?? string.IsNullOrWhiteSpace(request.Text)),
        ];
        bool hears = requests.Any(request => request is { Recording: null, Media: not { Sound: null } });
        return new AffektOptions
        {
            BundleFolder = bundle,
            Precision = encoders.Precision,
            Accelerator = encoders.Accelerator,
            ReadSound = hears,
            ReadPictures = requests.Any(request => request is { Recording: null, Media: not { Picture: null } }),
            CutAtPauses = hears && parsed.GetRequiredValue(_cut) == Auto,
            Transcribe = parsed.GetRequiredValue(_transcribe) == Auto && wordless.Length > 0,
            Optional = OptionalParts.Pictures | OptionalParts.Pauses | OptionalParts.Words | (wordless.Length == 0 ? OptionalParts.Sound : OptionalParts.None),
        };
    }

    // A folder or a pattern may hold one file today and two tomorrow: the form of the output does not change with it.
    private bool IsSeveral(ParseResult parsed, IReadOnlyList<RecognitionInput> inputs) =>
        inputs.Count > 1 || (parsed.GetValue(_inputs) is [var input, ..] && input != inputs[0].Name);

    private static Option<string> Speakers()
    {
        Option<string> option = new("--speakers")
        {
            Description = "How speakers are distinguished by voice where none are named: auto, none, or the number of speakers.",
            HelpName = "auto|none|N",
            DefaultValueFactory = _ => Auto,
        };
        option.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: var asked }] && SpeakersAsked.Parse(asked) is null)
                result.AddError($"--speakers: found {asked}, expected {SpeakersAsked.Expected}");
        });
        return option;
    }

    private static Option<string> Switch(string name, string description)
    {
        Option<string> option = new(name) { Description = description, DefaultValueFactory = _ => Auto };
        option.AcceptOnlyFromAmong(Auto, "off");
        return option;
    }
}
