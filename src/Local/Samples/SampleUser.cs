namespace Lookup.Local.Samples;

/// <summary>A generated user, with its properties in stored order.</summary>
internal sealed record SampleUser(
    string Id,
    string Email,
    string DisplayName,
    string GivenName,
    string FamilyName,
    string JobTitle,
    string Department,
    string[] Roles,
    string Phone,
    DateOnly HiredOn,
    SampleAddress Address,
    SamplePreferences Preferences,
    string About,
    string PasswordHash,
    int Version);

internal sealed record SampleAddress(string Street, string City, string State, string PostalCode, string Country);

internal sealed record SamplePreferences(
    string Locale,
    string TimeZone,
    string Theme,
    int ItemsPerPage,
    SampleNotifications Notifications,
    string[] PinnedReports);

internal sealed record SampleNotifications(bool Email, bool Push, bool Sms, string Digest);
