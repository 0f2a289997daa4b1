// Everything that Lookup needs in Azure, in one resource group. No key is used anywhere: the app signs in with its identity.
targetScope = 'subscription'

@description('The name of the environment: part of the resource group\'s name, and what the other names are made from.')
@minLength(1)
@maxLength(40)
param environmentName string

@description('Where everything is put. The region must have the Flex Consumption plan.')
@minLength(1)
param location string

@description('The database that holds the users.')
param databaseName string = 'lookup'

@description('The container that holds the users.')
param containerName string = 'users'

@description('The property that users are partitioned by.')
param partitionKeyPath string = '/id'

@description('The paths of the fields of a user that are never shown, separated by commas, such as /passwordHash,/ssn; none if nothing is hidden. There is no default: what is not named here is shown to every caller.')
@minLength(1)
param hiddenFields string

var hiddenPaths = filter(map(split(hiddenFields, ','), path => trim(path)), path => !empty(path))

@description('Properties that users can be found by. They alone are indexed.')
param alternateKeys string[] = [
  '/email'
]

@description('The greatest age of an answer, written hh:mm:ss.')
param maxStaleness string = '00:00:05'

@description('Whether the change feed shows deletes too. Cosmos DB does not take this for a new account: deploy once without, then with it.')
param allVersionsAndDeletes bool = false

@description('Whether the trigger EvictStaleUsers runs. On this plan it never shares a process with the HTTP functions, so it would evict nothing that is used.')
param triggerEnabled bool = false

@description('The most instances that the plan may start.')
@minValue(1)
@maxValue(1000)
param maximumInstanceCount int = 40

@description('The memory of an instance in MB. A quarter of it is used for users.')
@allowed([
  512
  2048
  4096
])
param instanceMemoryMB int = 2048

@description('The most request units per second that the container may use; it scales down to a tenth of them.')
@minValue(1000)
param maximumThroughput int = 4000

@description('Who is told of alerts by e-mail. With nobody they are seen in the portal only.')
param alertEmails string[] = []

var tags = {
  'azd-env-name': environmentName
}

resource group 'Microsoft.Resources/resourceGroups@2024-11-01' = {
  name: 'rg-${environmentName}'
  location: location
  tags: tags
}

// Different for each environment, and the same each time that one is deployed.
var suffix = uniqueString(subscription().id, environmentName, location)

module identity 'identity.bicep' = {
  scope: group
  params: {
    name: 'id-lookup-${suffix}'
    location: location
    tags: tags
  }
}

module monitoring 'monitoring.bicep' = {
  scope: group
  params: {
    suffix: suffix
    location: location
    tags: tags
    principalId: identity.outputs.principalId
  }
}

module alerts 'alerts.bicep' = {
  scope: group
  params: {
    suffix: suffix
    location: location
    tags: tags
    workspaceId: monitoring.outputs.workspaceId
    maxStaleness: maxStaleness
    emails: alertEmails
  }
}

module workbook 'workbook.bicep' = {
  scope: group
  params: {
    suffix: suffix
    location: location
    tags: tags
    workspaceId: monitoring.outputs.workspaceId
  }
}

module storage 'storage.bicep' = {
  scope: group
  params: {
    name: 'stlookup${suffix}'
    location: location
    tags: tags
    principalId: identity.outputs.principalId
  }
}

module cosmos 'cosmos.bicep' = {
  scope: group
  params: {
    name: 'cosmos-lookup-${suffix}'
    location: location
    tags: tags
    databaseName: databaseName
    containerName: containerName
    partitionKeyPath: partitionKeyPath
    alternateKeys: alternateKeys
    maximumThroughput: maximumThroughput
    allVersionsAndDeletes: allVersionsAndDeletes
    principalId: identity.outputs.principalId
  }
}

module app 'app.bicep' = {
  scope: group
  params: {
    name: 'func-lookup-${suffix}'
    planName: 'plan-lookup-${suffix}'
    location: location
    tags: tags
    identityId: identity.outputs.id
    identityClientId: identity.outputs.clientId
    storageName: storage.outputs.name
    packagesUrl: storage.outputs.packagesUrl
    insightsConnectionString: monitoring.outputs.connectionString
    cosmosEndpoint: cosmos.outputs.endpoint
    databaseName: databaseName
    containerName: containerName
    partitionKeyPath: partitionKeyPath
    alternateKeys: alternateKeys
    hiddenFields: toLower(trim(hiddenFields)) == 'none'
      ? []
      : empty(hiddenPaths) ? fail('hiddenFields names no field: give the paths of the fields to hide, separated by commas, or none.') : hiddenPaths
    maxStaleness: maxStaleness
    feedMode: allVersionsAndDeletes ? 'AllVersionsAndDeletes' : 'LatestVersion'
    triggerEnabled: triggerEnabled
    maximumInstanceCount: maximumInstanceCount
    instanceMemoryMB: instanceMemoryMB
  }
}

@description('The resource group.')
output AZURE_RESOURCE_GROUP string = group.name

@description('The function app\'s name.')
output LOOKUP_FUNCTION_APP string = app.outputs.name

@description('Where the service answers.')
output LOOKUP_URL string = app.outputs.url

@description('The Cosmos DB account\'s address.')
output LOOKUP_COSMOS_ENDPOINT string = cosmos.outputs.endpoint
