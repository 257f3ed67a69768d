namespace Affekt.Training.Recipes;

/// <summary>Whose word counts how much in what a face is trained to be taken for.</summary>
public sealed record FaceTargetShares
{
    /// <summary>
    /// What people voted on the faces: a table as <see cref="Corpora.FerPlusVotes"/> reads it; null where there is none.
    /// </summary>
    public string? Ferplus { get; init; }

    /// <summary>The share of the votes beside the label, for faces that were voted on, in [0, 1].</summary>
    public double Votes { get; init; }

    /// <summary>
    /// The share of what the network says that the run starts from (for the video branch: the expression network), for all
    /// faces, in [0, 1]: a wrong label that nothing in the picture speaks for counts less.
    /// </summary>
    public double Teacher { get; init; }
}
