using System.Diagnostics;
using Affekt.Models.Audio;
using Affekt.Models.Text;
using Affekt.Onnx.Sessions;

namespace Affekt.Cli.Benchmarks.Encoders;

/// <summary>Affekt's graphs of the encoders through ONNX Runtime, in this process; one of them is loaded at a time.</summary>
internal sealed class OnnxEngine(string precision, int threads, EncoderFiles files) : IEncoderEngine
{
    private readonly EngineOptions _options = new() { Threads = threads };

    private string? _loaded;
    private TextNetwork? _text;
    private Wav2Vec2Network? _sound;

    public EngineName Name { get; } = new("affekt-onnx", precision);

    public string Version => $"ONNX Runtime {Network.RuntimeVersion}";

    public Task<float[]> FirstOutputAsync(EncoderWork work, CancellationToken cancellation)
    {
        Load(work.Encoder);
        return Task.FromResult(States(work.Inputs[0], cancellation));
    }

    public Task<IReadOnlyList<double>> TimeAsync(EncoderWork work, int runs, CancellationToken cancellation)
    {
        Load(work.Encoder);
        List<double> times = [];
        for (int run = 0; run < runs; run++)
        {
            long begin = Stopwatch.GetTimestamp();
            foreach (EncoderInput input in work.Inputs)
                States(input, cancellation);
            times.Add(Stopwatch.GetElapsedTime(begin).TotalMilliseconds);
        }

        return Task.FromResult<IReadOnlyList<double>>(times);
    }

    public ValueTask DisposeAsync()
    {
        Unload();
        return ValueTask.CompletedTask;
    }

    private float[] States(EncoderInput input, CancellationToken cancellation)
    {
        if (input.Ids is { } ids)
        {
            long[] mask = new long[ids.Length];
            mask.AsSpan().Fill(1);
            return _text!.LastStates(input.Rows, ids, mask, cancellation);
        }

        return [.. _sound!.States([.. input.Sound!.Chunk(input.Length)], cancellation).SelectMany(states => states)];
    }

    private void Load(string encoder)
    {
        if (encoder == _loaded)
            return;
        Unload();
        _loaded = encoder;
        bool int8 = Name.Precision == "int8";
        if (encoder is EncoderWorks.Bert or EncoderWorks.Roberta)
            _text = TextNetwork.Load(files.Of(encoder), _options, int8);
        else
            _sound = Wav2Vec2Network.Load(files.Of(encoder), _options, int8, EncoderFiles.Family(encoder));
    }

    private void Unload()
    {
        _text?.Dispose();
        _sound?.Dispose();
        (_loaded, _text, _sound) = (null, null, null);
    }
}
