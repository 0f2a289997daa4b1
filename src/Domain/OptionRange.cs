using System.Globalization;

namespace Lookup.Domain;

/// <summary>Says in one sentence what is wrong with an option.</summary>
internal static class OptionRange
{
    public static void Check<T>(string name, T value, T least, T most)
        where T : IComparable<T>, IFormattable
    {
        if (value.CompareTo(least) >= 0 && value.CompareTo(most) <= 0)
            return;

        var text = string.Create(
            CultureInfo.InvariantCulture,
            $"{name} is {value}; it must be at least {least} and at most {most}.");
        throw new ArgumentOutOfRangeException(name, value, text);
    }
}
