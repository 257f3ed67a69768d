using Affekt.Recognition;
using Affekt.Recognition.Library;

// Opened once, used for many recordings, from any thread. Published weights are fetched at the first use.
using Recognizer recognizer = await RecognizerFactory.OpenAsync(
    new AffektOptions { BundleFolder = args[0] }, new Progress<string>(Console.Error.WriteLine));

await foreach (RecognitionUpdate update in recognizer.RecognizeStreamingAsync(new RecognitionRequest(args[1])))
{
    foreach (RecognitionWarning warning in update.Warnings)
        Console.Error.WriteLine($"{warning.Code}: {warning.Message}");

    // The last update has no utterance.
    if (update.Utterance is not { } utterance)
        continue;
    string answer = utterance.Abstained ? "not sure" : $"{utterance.Emotion} at {utterance.Confidence:P0}";
    Console.WriteLine($"{utterance.StartMs / 1000.0:F1} s, {utterance.Text ?? "no words"}: {answer}");
}
