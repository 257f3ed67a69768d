using System.Diagnostics;
using Affekt.Models.Audio;
using Affekt.Models.Text;
using Affekt.Torch;
using Affekt.Torch.Layers;

namespace Affekt.Cli.Benchmarks.Encoders;

/// <summary>Affekt's own encoders, in this process; one of them is loaded at a time.</summary>
internal sealed class AffektEngine(string precision, EncoderFiles files) : IEncoderEngine
{
    private static readonly Dictionary<string, Precision> _precisions = new()
    {
        ["fp32"] = Precision.Float32,
        ["bf16"] = Precision.BFloat16,
        ["int8"] = Precision.Int8,
    };

    private TextEncoder? _text;
    private Wav2Vec2Encoder? _sound;

    public EngineName Name { get; } = new("affekt", precision);

    public string Version => $"libtorch {TorchRuntime.Version}";

    public Task<float[]> FirstOutputAsync(EncoderWork work, CancellationToken cancellation)
    {
        Load(work.Encoder);
        using GradMode noGrad = GradMode.NoGrad();
        using TensorScope scope = new();
        return Task.FromResult(States(work.Inputs[0]).ToArray<float>());
    }

    public Task<IReadOnlyList<double>> TimeAsync(EncoderWork work, int runs, CancellationToken cancellation)
    {
        Load(work.Encoder);
        using GradMode noGrad = GradMode.NoGrad();
        List<double> times = [];
        for (int run = 0; run < runs; run++)
        {
            cancellation.ThrowIfCancellationRequested();
            long begin = Stopwatch.GetTimestamp();
            using (TensorScope scope = new())
            {
                if (work.IsStream)
                    RunStream(work);
                else
                    States(work.Inputs[0]).ToArray<float>();
            }

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
            _text!.Encode([.. texts.Select(_text.Tokenize)]).ToArray<float>();
        else
            _sound!.Encode([.. work.Inputs.Select(input => input.Sound!)]);
    }

    private Tensor States(EncoderInput input)
    {
        if (input.Ids is { } ids)
        {
            return _text!.Network.LastStates(
                Tensor.From<long>(ids, input.Rows, input.Length), Tensor.Full(1, input.Rows, input.Length));
        }

        float[][] sounds = [.. Enumerable.Range(0, input.Rows).Select(row => input.Sound![(row * input.Length)..((row + 1) * input.Length)])];
        return Tensor.Concat([.. _sound!.Network.States(sounds).Select(states_TD => states_TD.Unsqueeze(0))], 0);
    }

    private void Load(string encoder)
    {
        if (encoder == EncoderWorks.Bert ? _text is not null : _sound is not null)
            return;
        Unload();
        Precision arithmetic = _precisions[Name.Precision];
        if (encoder == EncoderWorks.Bert)
        {
            _text = TextEncoder.Load(files.Of(encoder));
            _text.Network.RequireGrad(false);
            _text.Network.Prepare(arithmetic, keepWeights: false);
        }
        else
        {
            _sound = Wav2Vec2Encoder.Load(files.Of(encoder));
            _sound.Network.RequireGrad(false);
            _sound.Network.Prepare(arithmetic, keepWeights: false);
        }
    }

    private void Unload()
    {
        _text?.Dispose();
        _sound?.Dispose();
        (_text, _sound) = (null, null);
    }
}
