using System.Globalization;

namespace Lookup.Domain;

/// <summary>The validation of the ranges of options.</summary>
internal static class OptionRange
{
    public static void Check<T>(string name, T value, T min, T max)
        where T : IComparable<T>, IFormattable
    {
        if (value.CompareTo(min) >= 0 && value.CompareTo(max) <= 0)
            return;

        var text = string.Create(
            CultureInfo.InvariantCulture,
            $"{name} is {value}; it must be at least {min} and at most {max}.");
        throw new ArgumentOutOfRangeException(name, value, text);
    }
}
