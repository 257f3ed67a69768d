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
        using ExpressionEncoder moved = ExpressionEncoder.Load(TestPaths.InRepository("bundles/starter/expression.safetensors"), shift: 1);

        // The same formula stands in make_expression.py.
        float[] faces = new float[2 * Pixels];
        for (int i = 0; i < faces.Length; i++)
            faces[i] = ((i * 31) + ((i >> 5) * 17) + (i / Pixels * 101)) & 255;

        Stored.Close(Values(expected, "features"), encoder.Encode(faces), 1e-4, "features");
        Stored.Close(Values(expected, "logits"), encoder.Logits(faces), 1e-4, "logits");
        Stored.Close(Values(expected, "shifted_logits"), moved.Logits(faces), 1e-4, "logits of a face that is moved");
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

    [Fact]
    public void In_several_sizes_features_are_the_mean_over_faces_drawn_so()
    {
        string weights = TestPaths.InRepository("bundles/starter/expression.safetensors");
        float[] face = [.. Enumerable.Range(0, Pixels).Select(i => (float)((i * 31 % 97) + (2 * (i / 48)) + (i % 48)))];

        // Half the size, by hand: pixel i shows what lies at 23.5 + 2 (i - 23.5), the mean of its two neighbors, or the edge.
        float[] small = new float[Pixels];
        for (int i = 0; i < Pixels; i++)
            small[i] = (At(i / 48, 0, i % 48, 0) + At(i / 48, 0, i % 48, 1) + At(i / 48, 1, i % 48, 0) + At(i / 48, 1, i % 48, 1)) / 4;
        using ExpressionEncoder one = ExpressionEncoder.Load(weights), two = ExpressionEncoder.Load(weights, scales: [1, 0.5]);
        float[] expected = [.. one.Encode(face).Zip(one.Encode(small), (a, b) => (a + b) / 2)];

        Stored.Close(expected, two.Encode(face), 1e-4, "features");

        float At(int row, int below, int column, int right) => face[(From(row, below) * 48) + From(column, right)];
        static int From(int i, int next)
        {
            double from = Math.Clamp(23.5 + (2 * (i - 23.5)), 0, 47);
            return from is 0 or 47 ? (int)from : (int)from + next;
        }
    }

    private static float[] Values(JsonDocument expected, string name) =>
        [.. expected.RootElement.GetProperty(name).EnumerateArray().Select(value => value.GetSingle())];
}
