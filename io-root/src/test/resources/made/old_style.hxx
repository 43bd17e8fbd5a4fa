// Classes of old_style.root
#include "TClonesArray.h"

class OldTrack : public TObject {
public:
  int id = 0;
  float p[2] = {0, 0};
  double pt = 0;
  unsigned char flag = 0;
  ClassDefOverride(OldTrack, 1)
};
class OldEvent : public TObject {
public:
  int n = 0;
  TClonesArray *tracks = nullptr;
  float weight = 0;
  OldEvent() { tracks = new TClonesArray("OldTrack"); }
  ClassDefOverride(OldEvent, 1)
};
