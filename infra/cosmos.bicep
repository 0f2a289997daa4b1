@description('The name of the account.')
@minLength(3)
@maxLength(44)
param name string

@description('The location of the resources.')
param location string

@description('The tags of the resources.')
param tags object

@description('The name of the database of the users.')
param databaseName string

@description('The name of the container of the users.')
param containerName string

@description('The path of the partition key.')
param partitionKeyPath string

@description('The paths of the properties by which users can be looked up.')
param alternateKeys string[]

@description('The maximum throughput of the container of the users, in request units per second.')
param maximumThroughput int

@description('Indicates whether the change feed also shows deletes. Cosmos DB does not accept this for a new account.')
param allVersionsAndDeletes bool

@description('The principal id of the identity that reads users and maintains the leases of the trigger.')
param principalId string

// The built-in roles of the data plane.
var dataReader = '00000000-0000-0000-0000-000000000001'
var dataContributor = '00000000-0000-0000-0000-000000000002'

// A preview API version, because no other version has enableAllVersionsAndDeletesChangeFeed.
resource account 'Microsoft.DocumentDB/databaseAccounts@2025-05-01-preview' = {
  name: name
  location: location
  tags: tags
  kind: 'GlobalDocumentDB'
  properties: {
    databaseAccountOfferType: 'Standard'
    locations: [
      {
        locationName: location
        failoverPriority: 0
        isZoneRedundant: false
      }
    ]
    consistencyPolicy: {
      // The guarantees of the service depend on session tokens, which weaker levels do not have.
      defaultConsistencyLevel: 'Session'
    }
    backupPolicy: {
      // Required for a change feed that shows deletes.
      type: 'Continuous'
      continuousModeProperties: {
        tier: 'Continuous7Days'
      }
    }
    disableLocalAuth: true
    disableKeyBasedMetadataWriteAccess: true
    minimalTlsVersion: 'Tls12'
    ...(allVersionsAndDeletes ? { enableAllVersionsAndDeletesChangeFeed: true } : {})
  }
}

resource database 'Microsoft.DocumentDB/databaseAccounts/sqlDatabases@2025-04-15' = {
  parent: account
  name: databaseName
  properties: {
    resource: {
      id: databaseName
    }
  }
}

resource users 'Microsoft.DocumentDB/databaseAccounts/sqlDatabases/containers@2025-04-15' = {
  parent: database
  name: containerName
  properties: {
    resource: {
      id: containerName
      partitionKey: {
        paths: [
          partitionKeyPath
        ]
        kind: 'Hash'
        version: 2
      }
      indexingPolicy: {
        indexingMode: 'consistent'
        automatic: true
        includedPaths: [
          for key in alternateKeys: {
            path: '${key}/?'
          }
        ]
        excludedPaths: [
          {
            path: '/*'
          }
        ]
      }
    }
    options: {
      autoscaleSettings: {
        maxThroughput: maximumThroughput
      }
    }
  }
}

resource leases 'Microsoft.DocumentDB/databaseAccounts/sqlDatabases/containers@2025-04-15' = {
  parent: database
  name: 'leases'
  properties: {
    resource: {
      id: 'leases'
      partitionKey: {
        paths: [
          '/id'
        ]
        kind: 'Hash'
        version: 2
      }
      // Leases are read by id, and listed by a prefix of the id.
      indexingPolicy: {
        indexingMode: 'consistent'
        automatic: true
        includedPaths: [
          {
            path: '/id/?'
          }
        ]
        excludedPaths: [
          {
            path: '/*'
          }
        ]
      }
    }
    options: {
      autoscaleSettings: {
        maxThroughput: 1000
      }
    }
  }
}

resource readerRole 'Microsoft.DocumentDB/databaseAccounts/sqlRoleAssignments@2025-04-15' = {
  parent: account
  name: guid(account.id, principalId, dataReader, containerName)
  properties: {
    principalId: principalId
    roleDefinitionId: '${account.id}/sqlRoleDefinitions/${dataReader}'
    scope: '${account.id}/dbs/${databaseName}/colls/${containerName}'
  }
  dependsOn: [
    users
  ]
}

resource leaseRole 'Microsoft.DocumentDB/databaseAccounts/sqlRoleAssignments@2025-04-15' = {
  parent: account
  name: guid(account.id, principalId, dataContributor, leases.name)
  properties: {
    principalId: principalId
    roleDefinitionId: '${account.id}/sqlRoleDefinitions/${dataContributor}'
    scope: '${account.id}/dbs/${databaseName}/colls/${leases.name}'
  }
  dependsOn: [
    users
  ]
}

@description('The endpoint of the account.')
output endpoint string = account.properties.documentEndpoint
