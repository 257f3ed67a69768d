using Affekt.Media;
using Affekt.Models.Bundles;
using Affekt.Models.Persons;
using Affekt.Models.Speech;
using Affekt.Models.Video;

namespace Affekt.Recognition;

/// <summary>What live sessions share.</summary>
/// <param name="Bundle">The models.</param>
/// <param name="Models">Taken while one of them computes.</param>
/// <param name="Answers">Where utterances are answered that have ended.</param>
/// <param name="Detector">Tells speech from pauses.</param>
/// <param name="Words">Finds words; null to go without.</param>
/// <param name="Faces">Finds faces where the bundle does not; null to go without.</param>
/// <param name="Media">Decodes pictures.</param>
/// <param name="Voices">Tells speakers apart.</param>
/// <param name="FaceReader">Tells faces apart.</param>
internal sealed record LiveServices(
    Bundle Bundle, ModelTurns Models, WorkThread Answers, SpeechDetector Detector, WordFinder? Words, FaceDetector? Faces, Lazy<MediaTools> Media,
    Lazy<SpeakerEncoder> Voices, Lazy<FaceReader?> FaceReader);
