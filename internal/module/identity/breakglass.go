package identity

import "time"

// breakGlassLife is how long a session of the account for emergencies lasts.
const breakGlassLife = 4 * time.Hour
