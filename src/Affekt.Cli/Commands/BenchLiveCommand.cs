using System.CommandLine;
using Affekt.Cli.Benchmarks;
using Affekt.Media;

namespace Affekt.Cli.Commands;

/// <summary>affekt bench live: a server's live sessions, as a client sees them.</summary>
internal static class BenchLiveCommand
{
    public static Command Create(Terminal terminal)
    {
        Option<string> url = new("--url")
        {
            Description = "The server's WebSocket.",
            HelpName = "URL",
            DefaultValueFactory = _ => "ws://127.0.0.1:5280/v1/live",
        };
        Option<string?> input = CommonOptions.Clip();
        Option<double> minutes = new("--minutes") { Description = "How long to stream, above 0.", HelpName = "N", DefaultValueFactory = _ => 1 };
        Option<bool> noPictures = new("--no-pictures") { Description = "Streams sound only." };
        Option<int?> process = CommonOptions.Count("--pid", "The server's process, to watch its memory.");
        Option<string?> transcript = new("--transcript") { Description = "Saves all of the server's messages to this file.", HelpName = "FILE" };
        Command command = new("live", "Streams a clip to a running server in real time; measures delays, intervals and memory.")
        {
            url, input, minutes, noPictures, process, transcript,
        };
        command.SetAction(async (parsed, cancellation) =>
        {
            string file = ShippedFiles.Clip(parsed.GetValue(input));
            if (!Uri.TryCreate(parsed.GetValue(url), UriKind.Absolute, out Uri? server))
                throw new CommandException($"--url: found {parsed.GetValue(url)}, expected an address such as ws://127.0.0.1:5280/v1/live");
            MediaTools tools = MediaTools.Find();
            (MediaInfo media, Sound sound) = await tools.ReadWholeSoundAsync(file, cancellation);
            List<byte[]> pictures = [];
            for (int at = 0; media.Picture is not null && !parsed.GetValue(noPictures) && at < media.Duration.TotalMilliseconds - 100; at += LiveBenchmark.PictureMs)
            {
                if (await tools.ReadJpegAsync(media, TimeSpan.FromMilliseconds(at), 640, cancellation) is { } jpeg)
                    pictures.Add(jpeg);
            }

            await using StreamWriter? said = parsed.GetValue(transcript) is { } kept ? new StreamWriter(kept) : null;
            using LiveBenchmark benchmark = new(server, sound.Samples, pictures, parsed.GetValue(process), said);
            LiveReport report = await benchmark.RunAsync(TimeSpan.FromMinutes(parsed.GetValue(minutes)), cancellation);
            terminal.WriteJson(report);
            return ExitCode.Done;
        });
        return command;
    }
}
