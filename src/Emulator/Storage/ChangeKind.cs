namespace Lookup.Emulator.Storage;

internal enum ChangeKind
{
    Create,
    Replace,
    Delete,
}
