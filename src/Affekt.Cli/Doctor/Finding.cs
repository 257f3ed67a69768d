namespace Affekt.Cli.Doctor;

/// <summary>What was found of one part.</summary>
/// <param name="Part">The part.</param>
/// <param name="IsFine">Whether Affekt can work with it as it is.</param>
/// <param name="State">Its version and state, or what is wrong.</param>
/// <param name="Remedy">The command that fixes it, or null.</param>
internal sealed record Finding(string Part, bool IsFine, string State, string? Remedy = null);
