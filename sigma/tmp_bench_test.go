package sigma
import ("testing";"syscall";"fmt";"os")
func cpu() float64 { var r syscall.Rusage; syscall.Getrusage(0,&r); return float64(r.Utime.Sec)+float64(r.Utime.Usec)/1e6+float64(r.Stime.Sec)+float64(r.Stime.Usec)/1e6}
func TestTmpCPU(t *testing.T){
 if os.Getenv("TMPCPU")=="" {t.Skip()}
 for _,u:=range []bool{false,true}{
 rs:=mainRuleset(t,Options{Unscoped:u})
 for _,f:=range []string{"windows-attack","windows-estate","lane-structured-windows"} {
  events:=loadEvents(t,f+".ndjson.gz")
  m:=rs.NewMatcher()
  best:=0.0
  for range 6 { c:=cpu(); for _,ev:=range events {m.Match(ev,func(*Rule){})}; r:=float64(len(events))/(cpu()-c); if r>best {best=r} }
  fmt.Printf("%v %s %.0f ev/cpu-s\n",u,f,best)
 }}
}
