namespace Lookup.Emulator.Storage;

internal enum WriteMode
{
    /// <summary>409 when the document exists.</summary>
    Create,

    /// <summary>404 when the document does not exist.</summary>
    Replace,

    Upsert,
}
