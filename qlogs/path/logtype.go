package path

// A LogType is the name of a log type's folder, which lies below the product's, spelled
// as AWS spells it. The set is open: [Parse] accepts types that are not named here.
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

// The CSV user reports. On real data they lie beside the prompt logs in the same
// layout, always in the hour folder 00. They hold no prompts.
const (
	// UserReport is the report per user and client.
	UserReport LogType = "user_report"

	// ByUserAnalytic is the older report per user.
	ByUserAnalytic LogType = "by_user_analytic"
)

// Report reports whether t is a CSV user report rather than a prompt log.
func (t LogType) Report() bool {
	return t == UserReport || t == ByUserAnalytic
}
