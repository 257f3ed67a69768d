using System.Diagnostics;
using Affekt.Models;
using Affekt.Models.Audio;
using Affekt.Models.Text;
using Affekt.Networks;
using Affekt.Torch;

namespace Affekt.Cli.Benchmarks.Encoders;

/// <summary>Affekt's encoders by libtorch and the project's own kernels, in this process; one of them is loaded at a time.</summary>
internal sealed class AffektEngine(string precision, EncoderFiles files) : IEncoderEngine
{
    private static readonly Dictionary<string, Precision> _precisions = new()
    {
        ["fp32"] = Precision.Float32,
        ["bf16"] = Precision.BFloat16,
        ["int8"] = Precision.Int8,
    };

    private string? _loaded;
    private ITextNetwork? _roberta;
    private TextEncoder? _text;
    private Wav2Vec2Encoder? _sound;

    public EngineName Name { get; } = new("affekt", precision);

    public string Version => $"libtorch {TorchRuntime.Version}";

    public Task<float[]> FirstOutputAsync(EncoderWork work, CancellationToken cancellation)
    {
        Load(work.Encoder);
        return Task.FromResult(States(work.Inputs[0]));
    }

    public Task<IReadOnlyList<double>> TimeAsync(EncoderWork work, int runs, CancellationToken cancellation)
    {
        Load(work.Encoder);
        List<double> times = [];
        for (int run = 0; run < runs; run++)
        {
            cancellation.ThrowIfCancellationRequested();
            long begin = Stopwatch.GetTimestamp();
            if (work.IsStream)
                RunStream(work);
            else
                States(work.Inputs[0]);
            times.Add(Stopwatch.GetElapsedTime(begin).TotalMilliseconds);
        }

        return Task.FromResult<IReadOnlyList<double>>(times);
    }

    public ValueTask DisposeAsync()
    {
        Unload();
        return ValueTask.CompletedTask;
    }

    // From words or samples to a vector for each utterance.
    private void RunStream(EncoderWork work)
    {
        if (work.Texts is { } texts)
            _text!.Encode([.. texts.Select(_text.Tokenize)]);
        else
            _sound!.Encode([.. work.Inputs.Select(input => input.Sound!)]);
    }

    private float[] States(EncoderInput input)
    {
        if (input.Ids is { } ids)
        {
            long[] mask = new long[ids.Length];
            mask.AsSpan().Fill(1);
            return (_roberta ?? _text!.Network).LastStates(input.Rows, ids, mask);
        }

        float[][] sounds = [.. Enumerable.Range(0, input.Rows).Select(row => input.Sound![(row * input.Length)..((row + 1) * input.Length)])];
        return [.. _sound!.Network.States(sounds).SelectMany(states => states)];
    }

    private void Load(string encoder)
    {
        if (encoder == _loaded)
            return;
        Unload();
        _loaded = encoder;
        EncoderOptions options = new() { Accelerator = new TorchEncoders(_precisions[Name.Precision]) };
        if (encoder == EncoderWorks.Bert)
            _text = TextEncoder.Load(files.Of(encoder), options: options);
        else if (encoder == EncoderWorks.Roberta)
            _roberta = options.Accelerator.OpenText(files.Of(encoder));
        else
            _sound = Wav2Vec2Encoder.Load(files.Of(encoder), options, EncoderFiles.Family(encoder));
    }

    private void Unload()
    {
        _text?.Dispose();
        _roberta?.Dispose();
        _sound?.Dispose();
        (_loaded, _text, _roberta, _sound) = (null, null, null, null);
    }
}
