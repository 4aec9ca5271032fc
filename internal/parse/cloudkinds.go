package parse

import "github.com/lachan-vn/lachan/internal/event"

// cloudKinds are the audit logs of cloud services. Their own names are kept;
// where rules use others, those of the portal, of another export or of another
// shipper, the fields have these, too.
var cloudKinds = []jsonKind{
	{
		format: "cloudtrail",
		has:    [][]string{{"eventSource", "eventName", "awsRegion"}, {"eventSource", "eventName", "eventVersion"}},
		source: event.Source{Product: "aws", Service: "cloudtrail"},
		time:   []string{"eventTime"},
		also:   []alsoName{{"sourceIPAddress", "src_ip"}, {"userIdentity.userName", "user"}},
	},
	{
		// A delivered file holds {"Records":[…]}, EventBridge sends {"detail":{…}}.
		format: "cloudtrail",
		has:    [][]string{{"Records.eventSource", "Records.eventName"}},
		source: event.Source{Product: "aws", Service: "cloudtrail"},
		inner:  &innerRecord{object: "Records."},
	},
	{
		format: "cloudtrail",
		has:    [][]string{{"detail.eventSource", "detail.eventName"}},
		source: event.Source{Product: "aws", Service: "cloudtrail"},
		inner:  &innerRecord{object: "detail."},
	},
	{
		format: "azure",
		has:    [][]string{{"riskEventType"}, {"properties.riskEventType"}},
		source: event.Source{Product: "azure", Service: "riskdetection"},
		by:     []string{"riskEventType", "properties.riskEventType"},
		sources: []valueSource{
			{"staleSignInAlert*", azurePIM}, {"invalidLicenseAlert*", azurePIM}, {"rolesAssignedOutsidePrivilegedIdentityManagementAlert*", azurePIM},
			{"sequentialActivationRenewalsAlert*", azurePIM}, {"noMfaOnRoleActivationAlert*", azurePIM}, {"redundantAssignmentAlert*", azurePIM},
			{"tooManyGlobalAdminsAssignedToTenantAlert*", azurePIM},
		},
		time: []string{"detectedDateTime", "properties.detectedDateTime", "time", "activityDateTime"},
		also: []alsoName{
			{"properties.riskEventType", "riskEventType"}, {"properties.userPrincipalName", "user"}, {"userPrincipalName", "user"},
			{"properties.ipAddress", "src_ip"}, {"ipAddress", "src_ip"},
		},
	},
	{
		format: "azure",
		has:    [][]string{{"operationName", "category", "resourceId"}, {"operationName", "category", "tenantId"}, {"operationName", "category", "correlationId"}},
		source: event.Source{Product: "azure"},
		by:     []string{"category"},
		sources: []valueSource{
			{"SignInLogs", azureSignIn}, {"NonInteractiveUserSignInLogs", azureSignIn}, {"ServicePrincipalSignInLogs", azureSignIn}, {"ManagedIdentitySignInLogs", azureSignIn},
			{"AuditLogs", azureAudit},
			{"Administrative", azureActivity}, {"Security", azureActivity}, {"Policy", azureActivity}, {"Alert", azureActivity},
			{"ServiceHealth", azureActivity}, {"ResourceHealth", azureActivity}, {"Recommendation", azureActivity}, {"Autoscale", azureActivity},
		},
		time:  []string{"time"},
		twist: twistSignIn,
		also: []alsoName{
			{"operationName", "OperationName"}, {"operationName", "OperationNameValue"}, {"resourceId", "ResourceId"}, {"category", "CategoryValue"},
			{"resultType", "ResultType"}, {"resultDescription", "ResultDescription"}, {"resultDescription", "Resultdescription"},
			{"callerIpAddress", "src_ip"}, {"properties.ipAddress", "src_ip"}, {"properties.userPrincipalName", "user"},
			{"properties.userAgent", "userAgent"}, {"properties.authenticationRequirement", "AuthenticationRequirement"},
			{"properties.status.additionalDetails", "Status"}, {"properties.riskState", "RiskState"},
			{"properties.resourceDisplayName", "ResourceDisplayName"}, {"properties.conditionalAccessStatus", "conditionalAccessStatus"},
			{"properties.networkLocationDetails", "NetworkLocationDetails"}, {"properties.clientAppUsed", "ClientApp"},
			{"properties.deviceDetail.trustType", "DeviceDetail.trusttype"}, {"properties.deviceDetail.deviceId", "DeviceDetail.deviceId"},
			{"properties.deviceDetail.isCompliant", "DeviceDetail.isCompliant"},
			{"properties.category", "Category"}, {"properties.result", "Status"}, {"properties.loggedByService", "LoggedByService"},
			{"properties.activityDisplayName", "ActivityDisplayName"}, {"properties.activityDisplayName", "properties.message"},
			{"properties.initiatedBy.user.userPrincipalName", "user"},
			{"properties.targetResources.type", "targetResources.type"}, {"properties.targetResources.id", "TargetResources"},
			{"properties.targetResources.displayName", "properties.targetResources"},
			{"properties.targetResources.modifiedProperties.displayName", "TargetResources.ModifiedProperties.DisplayName"},
			{"properties.targetResources.modifiedProperties.displayName", "TargetResources.modifiedProperties"},
			{"properties.targetResources.modifiedProperties.newValue", "TargetResources.ModifiedProperties.NewValue"},
			{"properties.targetResources.modifiedProperties.newValue", "TargetResources.modifiedProperties.newValue"},
			{"properties.targetResources.modifiedProperties.newValue", "TargetResources.modifiedProperties"},
			{"properties.targetResources.modifiedProperties.newValue", "properties.targetResources"},
		},
	},
	{
		format: "azure",
		has:    [][]string{{"records.operationName", "records.category"}},
		source: event.Source{Product: "azure"},
		inner:  &innerRecord{object: "records."},
	},
	{
		// As Log Analytics exports it: the names are those of the rules.
		format: "azure",
		has:    [][]string{{"TimeGenerated", "OperationName"}},
		source: event.Source{Product: "azure"},
		by:     []string{"Type", "Category", "CategoryValue"},
		sources: []valueSource{
			{"SigninLogs", azureSignIn}, {"AADNonInteractiveUserSignInLogs", azureSignIn}, {"AADServicePrincipalSignInLogs", azureSignIn},
			{"AuditLogs", azureAudit}, {"AzureActivity", azureActivity}, {"Administrative", azureActivity},
		},
		time: []string{"TimeGenerated"},
		utc:  true,
		also: []alsoName{
			{"OperationName", "operationName"}, {"ActivityDisplayName", "properties.message"}, {"Result", "Status"}, {"UserAgent", "userAgent"},
			{"IPAddress", "src_ip"}, {"CallerIpAddress", "src_ip"}, {"UserPrincipalName", "user"}, {"ClientAppUsed", "ClientApp"},
			{"ConditionalAccessStatus", "conditionalAccessStatus"}, {"DeviceDetail.trustType", "DeviceDetail.trusttype"},
		},
	},
	{
		format: "m365",
		has:    [][]string{{"CreationTime", "Operation", "Workload"}, {"CreationTime", "Operation", "RecordType"}},
		source: event.Source{Product: "m365", Service: "audit"},
		by:     []string{"Name", "Workload"},
		sources: []valueSource{
			{"Activity from suspicious IP addresses", event.Source{Product: "m365", Service: "threat_detection"}},
			{"SecurityComplianceCenter", event.Source{Product: "m365", Service: "threat_management"}},
		},
		time:  []string{"CreationTime"},
		utc:   true,
		twist: twistM365,
		also: []alsoName{
			{"Workload", "eventSource"}, {"Operation", "eventName"}, {"Name", "eventName"}, {"ClientIP", "src_ip"}, {"UserId", "user"},
			{"OperationProperties.Name", "OperationProperties"}, {"Parameters.Name", "Parameters"}, {"Parameters.Value", "Parameters"},
		},
	},
	{
		format: "gcp",
		has:    [][]string{{"protoPayload.serviceName=login.googleapis.com"}},
		source: event.Source{Product: "gcp", Service: "google_workspace.login"},
		time:   []string{"timestamp"},
		twist:  twistGoogle,
		also: []alsoName{
			{"protoPayload.serviceName", "protoPayload.Servicename"}, {"protoPayload.serviceName", "eventService"},
			{"protoPayload.metadata.event.eventName", "eventName"}, {"protoPayload.authenticationInfo.principalEmail", "user"},
			{"protoPayload.requestMetadata.callerIp", "src_ip"},
		},
	},
	{
		format: "gcp",
		has:    [][]string{{"protoPayload.serviceName=admin.googleapis.com"}},
		source: event.Source{Product: "gcp", Service: "google_workspace.admin"},
		time:   []string{"timestamp"},
		twist:  twistGoogle,
		also: []alsoName{
			{"protoPayload.serviceName", "eventService"}, {"protoPayload.metadata.event.eventName", "eventName"},
			{"protoPayload.authenticationInfo.principalEmail", "user"}, {"protoPayload.requestMetadata.callerIp", "src_ip"},
		},
	},
	{
		format: "gcp",
		has:    [][]string{{"protoPayload.methodName", "logName"}, {"protoPayload.methodName", "protoPayload.serviceName"}},
		source: event.Source{Product: "gcp", Service: "gcp.audit"},
		time:   []string{"timestamp", "receiveTimestamp"},
		also: []alsoName{
			{"protoPayload.methodName", "gcp.audit.method_name"}, {"protoPayload.methodName", "data.protoPayload.methodName"},
			{"protoPayload.serviceName", "data.protoPayload.serviceName"}, {"logName", "data.protoPayload.logName"},
			{"protoPayload.authorizationInfo.permission", "data.protoPayload.authorizationInfo.permission"},
			{"protoPayload.authorizationInfo.granted", "data.protoPayload.authorizationInfo.granted"},
			{"resource.type", "data.protoPayload.resource.type"},
			{"protoPayload.authenticationInfo.principalEmail", "user"}, {"protoPayload.requestMetadata.callerIp", "src_ip"},
		},
	},
	{
		// The Reports API of Google Workspace.
		format: "gcp",
		has:    [][]string{{"kind=admin#reports#activity"}},
		source: event.Source{Product: "gcp"},
		by:     []string{"id.applicationName"},
		sources: []valueSource{
			{"admin", event.Source{Product: "gcp", Service: "google_workspace.admin"}},
			{"login", event.Source{Product: "gcp", Service: "google_workspace.login"}},
		},
		time:  []string{"id.time"},
		twist: twistGoogle,
		also: []alsoName{
			{"events.name", "eventName"}, {"events.name", "protoPayload.metadata.event.eventName"}, {"actor.email", "user"}, {"ipAddress", "src_ip"},
		},
	},
	{
		format: "okta",
		has:    [][]string{{"eventType", "displayMessage", "published"}, {"eventType", "legacyEventType"}},
		source: event.Source{Product: "okta", Service: "okta"},
		time:   []string{"published"},
		also:   []alsoName{{"client.ipAddress", "src_ip"}, {"actor.alternateId", "user"}},
	},
	{
		format: "onelogin",
		has:    [][]string{{"event_type_id"}},
		source: event.Source{Product: "onelogin", Service: "onelogin.events"},
		time:   []string{"event_timestamp", "created_at"},
		utc:    true,
		also:   []alsoName{{"user_name", "user"}, {"ipaddr", "src_ip"}},
	},
	{
		format: "github",
		has:    [][]string{{"action", "actor", "_document_id"}, {"action", "actor", "created_at", "org"}},
		source: event.Source{Product: "github", Service: "audit"},
		time:   []string{"@timestamp", "created_at"},
		also:   []alsoName{{"actor", "user"}, {"actor_ip", "src_ip"}},
	},
	{
		format: "bitbucket",
		has:    [][]string{{"auditType.action", "auditType.category"}},
		source: event.Source{Product: "bitbucket", Service: "audit"},
		time:   []string{"timestamp", "timestamp.epochSecond"},
		also:   []alsoName{{"author.name", "user"}, {"source", "src_ip"}},
	},
	{
		format: "duo",
		has:    [][]string{{"event_type", "txid"}},
		source: event.Source{Product: "cisco", Service: "duo"},
		time:   []string{"isotimestamp", "timestamp"},
		host:   []string{"access_device.hostname"},
		also:   []alsoName{{"user.name", "user"}, {"access_device.ip", "src_ip"}},
	},
}

var (
	azureSignIn   = event.Source{Product: "azure", Service: "signinlogs"}
	azureAudit    = event.Source{Product: "azure", Service: "auditlogs"}
	azureActivity = event.Source{Product: "azure", Service: "activitylogs"}
	azurePIM      = event.Source{Product: "azure", Service: "pim"}
)
