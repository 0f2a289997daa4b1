using System.Security.Cryptography;
using Lookup.Functions.Settings;

namespace Lookup.Functions.SharedTier.Sealing;

/// <summary>The keys of <c>Lookup__SharedTierKey</c>: the current one, which seals, and optionally the previous one, which only opens.</summary>
/// <remarks>
/// To rotate, add the new key in second place on every instance; then put it first on every instance; then remove the old one. An instance that lacks the key of a
/// value takes it for a miss. Nonces are random, so a key must be replaced before it has sealed 2^32 values (NIST SP 800-38D, section 8.3).
/// </remarks>
internal sealed class SealingKeys
{
    private const string Setting = "SharedTierKey";
    private const int KeyBytes = 32;
    private const int MaxKeys = 2;

    private readonly (byte Id, byte[] Key)[] _keys;

    private SealingKeys((byte Id, byte[] Key)[] keys) => _keys = keys;

    /// <summary>Gets the number of keys.</summary>
    public int Count => _keys.Length;

    /// <summary>Parses the values of the setting, the current key first.</summary>
    /// <returns>The keys, or <see langword="null"/> if there is none.</returns>
    /// <exception cref="LookupSettingsException">A key is not valid, or there are too many.</exception>
    public static SealingKeys? Parse(IReadOnlyList<string> values)
    {
        if (values.Count == 0)
            return null;
        if (values.Count > MaxKeys)
            throw new LookupSettingsException($"{SettingsSection.NameOf(Setting)} has {values.Count} keys; it must have one, or two while keys are rotated.");

        var keys = values.Select((value, i) => Parse(value, i)).ToArray();

        // The id of a key is public and short. Two keys with the same one (1 of 256) would make the second useless.
        if (keys.Length == MaxKeys && keys[0].Id == keys[1].Id)
            throw new LookupSettingsException($"{SettingsSection.NameOf(Setting)} has two keys that are equal or have the same id by chance; generate another key.");
        return new SealingKeys(keys);
    }

    /// <summary>Gets the id of a key.</summary>
    /// <param name="index">0 for the current key, 1 for the previous one.</param>
    public byte IdOf(int index) => _keys[index].Id;

    /// <summary>Returns the place of the key with an id, or -1.</summary>
    public int IndexOf(byte id) => Array.FindIndex(_keys, key => key.Id == id);

    /// <summary>Creates the cipher of each key. A cipher must not be used by two threads at the same time.</summary>
    /// <param name="tagBytes">The size of the tag in bytes.</param>
    public AesGcm[] CreateCiphers(int tagBytes) => Array.ConvertAll(_keys, key => new AesGcm(key.Key, tagBytes));

    private static (byte Id, byte[] Key) Parse(string value, int index)
    {
        var key = new byte[KeyBytes];
        if (value.Length > 64 || !Convert.TryFromBase64String(value, key, out var length) || length != KeyBytes)
        {
            throw new LookupSettingsException(
                $"{SettingsSection.NameOf(Setting)}__{index} is not a key; it must be {KeyBytes} bytes in base64, for example from: openssl rand -base64 {KeyBytes}."
                + " Its value is not shown.");
        }

        // One byte of a hash: it shows which key was used, and nothing of the key.
        return (SHA256.HashData(key)[0], key);
    }
}
