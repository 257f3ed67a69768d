namespace Affekt.Cli.Features;

/// <summary>What becomes one tensor.</summary>
/// <param name="Name">The tensor's name.</param>
internal abstract record FeatureInput(string Name);

/// <summary>A text.</summary>
internal sealed record TextInput(string Name, string Text) : FeatureInput(Name);

/// <summary>A sound or video file.</summary>
internal sealed record MediaInput(string Name, string File) : FeatureInput(Name);
