using System.CommandLine;
using Affekt.Cli.Results;
using Affekt.Media;
using Affekt.Media.Transcripts;
using Affekt.Recognition;

namespace Affekt.Cli.Commands;

/// <summary>affekt recognize: media files to emotions.</summary>
internal static class RecognizeCommand
{
    public static Command Create(Terminal terminal)
    {
        Argument<string[]> inputs = new("INPUT")
        {
            Description = "Sound or video files.",
            Arity = ArgumentArity.OneOrMore,
        };
        Option<string?> text = new("--text") { Description = "The words that are spoken, for a single input.", HelpName = "TEXT" };
        Option<string?> transcript = new("--transcript")
        {
            Description = "Who says what, and when, for a single input: .srt, .vtt, .jsonl, .csv, or .txt without times.",
            HelpName = "FILE",
        };
        Option<string> cut = new("--cut")
        {
            Description = "Whether sound without words is cut at pauses into utterances, or heard as one.",
            DefaultValueFactory = _ => "auto",
        };
        cut.AcceptOnlyFromAmong("auto", "off");
        Option<string> transcribe = new("--transcribe")
        {
            Description = "Whether words that are not given are found by speech recognition (English).",
            DefaultValueFactory = _ => "auto",
        };
        transcribe.AcceptOnlyFromAmong("auto", "off");
        Option<string?> speaker = new("--speaker") { Description = "Who speaks.", HelpName = "NAME" };
        Option<string?> bundle = CommonOptions.Bundle();
        Option<string> format = CommonOptions.Format("table", "json", "jsonl", "csv");
        Option<string> device = CommonOptions.Device();
        Option<string> precision = CommonOptions.Precision();
        Option<int?> threads = CommonOptions.Threads();
        Command command = new("recognize", "Recognises the emotion in sound and video files.")
        {
            inputs, text, transcript, speaker, cut, transcribe, bundle, format, device, precision, threads,
        };
        command.Validators.Add(result =>
        {
            if (result.GetValue(text) is not null && result.GetValue(inputs) is { Length: > 1 })
                result.AddError("--text goes with a single input");
            if (result.GetValue(transcript) is not null && result.GetValue(inputs) is { Length: > 1 })
                result.AddError("--transcript goes with a single input");
            if (result.GetValue(transcript) is not null && result.GetValue(text) is not null)
                result.AddError("give either --text or --transcript");
        });
        command.SetAction((parsed, cancellation) => RunAsync(
            new Request(
                parsed.GetRequiredValue(inputs), parsed.GetValue(text), parsed.GetValue(transcript), parsed.GetValue(speaker),
                parsed.GetRequiredValue(cut) == "auto", parsed.GetRequiredValue(transcribe) == "auto", parsed.GetValue(bundle),
                parsed.GetRequiredValue(format), parsed.GetRequiredValue(precision), parsed.GetValue(threads)),
            terminal,
            cancellation));
        return command;
    }

    private static async Task<int> RunAsync(Request request, Terminal terminal, CancellationToken cancellation)
    {
        // What cannot be read is told before models are loaded for the rest.
        IReadOnlyList<SpokenLine>? transcript = request.Transcript is null ? null : Transcript.Read(request.Transcript);
        bool hasWords = transcript is not null || !string.IsNullOrWhiteSpace(request.Text);
        MediaTools tools = MediaTools.Find();
        int lastFailure = ExitCode.Done, failures = 0;
        List<MediaInfo> readable = [];
        foreach (string input in request.Inputs)
            await GuardAsync(async () => readable.Add(await tools.ProbeAsync(input, cancellation)));

        if (readable.Count > 0)
        {
            CommonOptions.UseThreads(request.Threads);
            using Recognizer recognizer = await RecognizerLoader.OpenAsync(
                Places.Bundle(request.Bundle), tools, CommonOptions.ParsePrecision(request.Precision),
                new RecognizerNeeds(
                    Audio: readable.Any(media => media.Sound is not null),
                    Video: readable.Any(media => media.Picture is not null),
                    ManagesWithoutAudio: hasWords,
                    Detector: request.Cut && (transcript is null ? !hasWords : transcript[0].Time is null),
                    Transcriber: request.Transcribe && !hasWords),
                terminal, cancellation);
            using IResultWriter writer = ResultWriters.Create(request.Format, several: request.Inputs.Length > 1, terminal);
            foreach (MediaInfo media in readable)
            {
                RecognitionRequest asked = new(media.File)
                {
                    Text = request.Text,
                    Transcript = transcript,
                    Speaker = request.Speaker,
                    Media = media,
                };
                await GuardAsync(async () => writer.Add(await recognizer.RecognizeAsync(asked, cancellation)));
            }
        }

        return failures > 0 && failures < request.Inputs.Length ? ExitCode.SomeFailed : lastFailure;

        async Task GuardAsync(Func<Task> step)
        {
            try
            {
                await step();
            }
            catch (MediaException exception) when (exception.Kind != MediaError.ToolMissing)
            {
                (lastFailure, string message) = Failure.Of(exception);
                failures++;
                terminal.Errors.WriteLine($"error: {message}");
            }
        }
    }

    private sealed record Request(
        string[] Inputs, string? Text, string? Transcript, string? Speaker, bool Cut, bool Transcribe, string? Bundle, string Format, string Precision, int? Threads);
}
