package path

// A LogType is the folder below the product, spelled as AWS spells it. The set
// is open: [Parse] accepts types that are not named here.
type LogType string

// The types of prompt logs, as AWS's guide names them.
const (
	// GenerateAssistantResponse holds chat.
	GenerateAssistantResponse LogType = "GenerateAssistantResponse"

	// GenerateCompletions holds inline suggestions.
	GenerateCompletions LogType = "GenerateCompletions"

	// StartTaskAssistCodeGeneration holds code generation by the /dev agent.
	StartTaskAssistCodeGeneration LogType = "StartTaskAssistCodeGeneration"
)

// The CSV usage reports that, on real data, lie beside the prompt logs in the
// same layout, always in the hour folder 00. They hold no prompts.
const (
	// UserReport is the report per user and client.
	UserReport LogType = "user_report"

	// ByUserAnalytic is the older report per user.
	ByUserAnalytic LogType = "by_user_analytic"
)

// Report reports whether t is a CSV usage report rather than a prompt log.
func (t LogType) Report() bool {
	return t == UserReport || t == ByUserAnalytic
}
