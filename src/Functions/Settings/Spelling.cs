namespace Lookup.Functions.Settings;

/// <summary>Suggestions for misspelled names.</summary>
internal static class Spelling
{
    /// <summary>Finds the known name that resembles a name most.</summary>
    /// <returns>The name, or <see langword="null"/> if no known name is similar enough.</returns>
    public static string? Nearest(string name, IEnumerable<string> known) =>
        known
            .Select(candidate => (Name: candidate, Edits: EditsBetween(Letters(name), Letters(candidate))))
            .Where(candidate => candidate.Edits <= MaxEdits(candidate.Name.Length))
            .OrderBy(candidate => candidate.Edits)
            .ThenBy(candidate => candidate.Name, StringComparer.Ordinal)
            .Select(candidate => candidate.Name)
            .FirstOrDefault();

    /// <summary>Returns the maximum number of edits. It is lower for short names, because many of them resemble each other.</summary>
    private static int MaxEdits(int length) => Math.Min(2, length / 3);

    /// <summary>Returns the letters and digits in upper case, so that case, hyphens, underscores and blanks do not count.</summary>
    private static string Letters(string name) => string.Concat(name.Where(char.IsLetterOrDigit)).ToUpperInvariant();

    /// <summary>Computes the optimal string alignment distance.</summary>
    private static int EditsBetween(string one, string other)
    {
        var edits = new int[one.Length + 1, other.Length + 1];
        for (var i = 0; i <= one.Length; i++)
            edits[i, 0] = i;
        for (var j = 0; j <= other.Length; j++)
            edits[0, j] = j;
        for (var i = 1; i <= one.Length; i++)
        {
            for (var j = 1; j <= other.Length; j++)
            {
                var replaced = edits[i - 1, j - 1] + (one[i - 1] == other[j - 1] ? 0 : 1);
                edits[i, j] = Math.Min(replaced, Math.Min(edits[i - 1, j], edits[i, j - 1]) + 1);
                if (i > 1 && j > 1 && one[i - 1] == other[j - 2] && one[i - 2] == other[j - 1])
                    edits[i, j] = Math.Min(edits[i, j], edits[i - 2, j - 2] + 1);
            }
        }

        return edits[one.Length, other.Length];
    }
}
