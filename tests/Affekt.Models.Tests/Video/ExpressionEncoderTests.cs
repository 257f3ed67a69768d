using System.Text.Json;
using Affekt.Models.Video;

namespace Affekt.Tests.Video;

public sealed class ExpressionEncoderTests
{
    private const int Pixels = ExpressionEncoder.Side * ExpressionEncoder.Side;

    [Fact]
    public void The_starters_expression_network_gives_what_PyTorch_gives_for_the_same_weights()
    {
        using JsonDocument expected = JsonDocument.Parse(File.ReadAllText(Stored.Fixture("faces/expression.json")));
        using ExpressionEncoder encoder = ExpressionEncoder.Load(
            TestPaths.InRepository("bundles/starter/expression.safetensors"));

        // The same formula stands in make_expression.py.
        float[] faces = new float[2 * Pixels];
        for (int i = 0; i < faces.Length; i++)
            faces[i] = ((i * 31) + ((i >> 5) * 17) + (i / Pixels * 101)) & 255;

        Stored.Close(Values(expected, "features"), encoder.Encode(faces), 1e-4, "features");
        Stored.Close(Values(expected, "logits"), encoder.Logits(faces), 1e-4, "logits");
    }

    [Fact]
    public void A_face_gives_the_same_features_alone_and_among_others()
    {
        using ExpressionEncoder encoder = ExpressionEncoder.Load(
            TestPaths.InRepository("bundles/starter/expression.safetensors"));
        float[] faces = new float[70 * Pixels];
        for (int i = 0; i < faces.Length; i++)
            faces[i] = (i * 7 % 251) + (i / Pixels % 3);

        float[] together = encoder.Encode(faces);

        Stored.Close(encoder.Encode(faces.AsSpan(69 * Pixels)), together[(69 * ExpressionEncoder.Width)..], 1e-4);
    }

    private static float[] Values(JsonDocument expected, string name) =>
        [.. expected.RootElement.GetProperty(name).EnumerateArray().Select(value => value.GetSingle())];
}
