// All Azure resources of Lookup, in one resource group. No keys are used: the app authenticates with its managed identity.
targetScope = 'subscription'

@description('The name of the environment. It is part of the name of the resource group, and the other names are derived from it.')
@minLength(1)
@maxLength(40)
param environmentName string

@description('The location of all resources. The region must support the Flex Consumption plan.')
@minLength(1)
param location string

@description('The name of the database of the users.')
param databaseName string = 'lookup'

@description('The name of the container of the users.')
param containerName string = 'users'

@description('The path of the partition key.')
param partitionKeyPath string = '/id'

@description('The paths of the fields that are removed from every response, separated by commas, such as /passwordHash,/ssn; or none. There is no default, because all other fields are returned to every client.')
@minLength(1)
param hiddenFields string

var hiddenPaths = filter(map(split(hiddenFields, ','), path => trim(path)), path => !empty(path))

@description('The paths of the properties by which users can be looked up. No other property is indexed.')
param alternateKeys string[] = [
  '/email'
]

@description('The staleness bound, as hh:mm:ss.')
param maxStaleness string = '00:00:05'

@description('Indicates whether the change feed also shows deletes. Cosmos DB does not accept this for a new account: deploy first without it, then with it.')
param allVersionsAndDeletes bool = false

@description('Indicates whether the trigger EvictStaleUsers is enabled. On this plan, it never shares a process with the HTTP functions, so its evictions have no effect on them.')
param triggerEnabled bool = false

@description('How the Functions host runs the app: as a .NET isolated worker or as a custom handler. A custom handler must be published self-contained, see docs/hosting.md.')
@allowed([
  'isolatedWorker'
  'customHandler'
])
param hostingModel string = 'isolatedWorker'

@description('The maximum number of instances.')
@minValue(1)
@maxValue(1000)
param maximumInstanceCount int = 40

@description('The memory of an instance in MB. By default, the cache uses a quarter of it.')
@allowed([
  512
  2048
  4096
])
param instanceMemoryMB int = 2048

@description('The maximum throughput of the container, in request units per second. It scales down to a tenth of this value.')
@minValue(1000)
param maximumThroughput int = 4000

@description('The e-mail addresses to notify of alerts. If empty, alerts are visible only in the portal.')
param alertEmails string[] = []

var tags = {
  'azd-env-name': environmentName
}

resource group 'Microsoft.Resources/resourceGroups@2024-11-01' = {
  name: 'rg-${environmentName}'
  location: location
  tags: tags
}

// Unique for each environment, and the same for each deployment of an environment.
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
    hostingModel: hostingModel
    maximumInstanceCount: maximumInstanceCount
    instanceMemoryMB: instanceMemoryMB
  }
}

@description('The resource group.')
output AZURE_RESOURCE_GROUP string = group.name

@description('The name of the function app.')
output LOOKUP_FUNCTION_APP string = app.outputs.name

@description('The URL of the service.')
output LOOKUP_URL string = app.outputs.url

@description('The endpoint of the Cosmos DB account.')
output LOOKUP_COSMOS_ENDPOINT string = cosmos.outputs.endpoint
