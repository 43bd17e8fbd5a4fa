// Classes of more.root and ntuple_more.root
#include <array>
#include <atomic>
#include <bitset>
#include <deque>
#include <list>
#include <map>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>
#include "TArrayF.h"
#include "TDatime.h"
#include "TLorentzVector.h"
#include "TObjString.h"
#include "TRef.h"
#include "TString.h"

struct MoreHit {
  float e;
  int id;
};
struct MoreBase {
  int id = 0;
  double x = 0;
};
struct MoreDerived : MoreBase {
  std::vector<int> v;
  float y = 0;
};
struct MoreStreamed : MoreDerived {
  std::string name;
};
enum MoreEnum { kA, kB, kC };
struct MoreEmpty {};
struct MoreMembers {
  int n = 0;
  float *counted = nullptr;  //[n]
  TString text;
  MoreHit hits[2];
  std::array<int, 3> three;
  std::bitset<10> bits;
  Float16_t half = 0;        //[0,0,10]
  Float16_t ranged[2];       //[-1,1,8]
  Double32_t d32 = 0;
  short grid[2][3];
  std::vector<std::string> names;
  std::vector<std::vector<float>> vv;
  std::pair<int, double> pair;
  MoreEnum e = kA;
  Long64_t big = 0;
  TArrayF arr;
  MoreMembers() = default;
  MoreMembers(const MoreMembers &o) { *this = o; }
  MoreMembers &operator=(const MoreMembers &o) {
    set(o.i);
    return *this;
  }
  ~MoreMembers() { delete[] counted; }
  int i = 0;
  void set(int entry) {
    i = entry;
    delete[] counted;
    counted = nullptr;
    n = i % 4;
    if (n) {
      counted = new float[n];
      for (int k = 0; k < n; k++) counted[k] = i + k * 0.5f;
    }
    text = TString::Format("t%d", i);
    for (int k = 0; k < 2; k++) hits[k] = {i + 0.25f, k};
    for (int k = 0; k < 3; k++) three[k] = i * k;
    bits = std::bitset<10>(i);
    half = i;
    for (int k = 0; k < 2; k++) ranged[k] = k ? 1.0 : -1.0;
    d32 = i * 0.125;
    for (int k = 0; k < 6; k++) grid[k / 3][k % 3] = i + k;
    names.assign(i % 2, "name");
    vv.assign(i % 3, std::vector<float>(2, i));
    pair = {i, -i};
    e = MoreEnum(i % 3);
    big = (Long64_t)i << 40;
    arr.Set(i % 2);
    if (i % 2) arr[0] = i;
  }
};

#ifdef __CLING__
#pragma link C++ class MoreHit+;
#pragma link C++ class MoreBase+;
#pragma link C++ class MoreDerived+;
#pragma link C++ class MoreStreamed+;
#pragma link C++ class MoreMembers+;
#pragma link C++ class MoreEmpty+;
#pragma link C++ enum MoreEnum;
#pragma link C++ class std::vector<MoreHit>+;
#pragma link C++ class std::vector<std::vector<MoreHit>>+;
#pragma link C++ class std::vector<std::map<int, float>>+;
#pragma link C++ class std::map<int, std::map<int, std::string>>+;
#pragma link C++ class std::vector<MoreDerived>+;
#pragma link C++ class std::vector<std::pair<int, std::string>>+;
#pragma link C++ class std::map<std::string, std::vector<MoreHit>>+;
#pragma link C++ class std::list<std::string>+;
#pragma link C++ class std::deque<short>+;
#pragma link C++ class std::unordered_map<int, double>+;
#pragma link C++ class std::multimap<int, float>+;
#pragma link C++ class std::vector<Double32_t>+;
#pragma link C++ class std::vector<MoreMembers>+;
#pragma link C++ class std::pair<int, std::string>+;
#endif
